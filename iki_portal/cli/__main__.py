"""`python -m iki_portal.cli`: the `iki` command for a process that the portal starts itself."""

from iki_portal.cli.main import main

main()
