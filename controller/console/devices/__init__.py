"""The pages about readers, locks and cameras: what they are, how they are, trying them, and the settings."""
