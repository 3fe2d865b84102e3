"""Facts in, text and bytes out: no database, no request."""
