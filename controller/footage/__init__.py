"""Recorded footage as whoever uses it has it: finding a moment in it, reading it, and making films of it."""
