"""Copies of what a branch cannot make again: what is in one, where it goes, and coming back from it."""
