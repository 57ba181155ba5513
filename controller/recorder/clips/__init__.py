"""Clips: ranges of footage that belong to events, and their way out."""
