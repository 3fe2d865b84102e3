"""The tables: columns, constraints, relationships. No decisions."""
