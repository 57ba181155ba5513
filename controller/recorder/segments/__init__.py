"""Segments: files of footage, their names, writing them, and making them whole again."""
