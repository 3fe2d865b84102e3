"""The `iki` command: thin. Each command parses, calls an operation in a transaction, and prints."""

from iki_portal.cli.main import main

__all__ = ["main"]
