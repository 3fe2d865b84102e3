"""What pages cost, measured against a bare Flask page that shows the same rows."""
