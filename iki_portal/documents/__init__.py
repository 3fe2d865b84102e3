"""Facts in, bytes out: no database, no request."""
