"""Placing, reviewing and ending holds, and what they came too late for."""
