"""Destroying what a branch keeps when it closes, and the certificate of it."""
