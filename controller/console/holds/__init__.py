"""Holds, restrictions and disposals: what must stay, what went, and what is due next."""
