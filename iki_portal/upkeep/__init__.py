"""What keeps the portal running: backups and restores, health, figures for monitoring, the check of a deployment."""
