"""Devices of a branch that is being set up, each tried by itself, without settings and services."""
