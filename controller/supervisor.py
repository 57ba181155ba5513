"""Starts the services, watches them and starts them again, where there is no systemd."""
