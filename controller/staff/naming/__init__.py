"""Naming members: who may open which sealed boxes, and what is written down of it."""
