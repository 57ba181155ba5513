"""Clips: which ranges of footage belong to which events."""
