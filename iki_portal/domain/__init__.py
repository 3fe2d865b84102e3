"""The rules of the office in plain Python: no Flask, no SQLAlchemy."""
