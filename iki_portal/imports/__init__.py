"""Files in, checked rows and named findings out: no database, no request."""
