"""Naming the member of an event and finding a card's events, with a key that a supervisor has brought."""
