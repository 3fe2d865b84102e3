"""The rules of the office in plain Python: no Flask, no SQLAlchemy, no clock of its own."""
