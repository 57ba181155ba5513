"""Why staff are not given what they asked for. Its text is for people, and says what mends it."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was done. The command line prints the text and exits with 1; a page shows it."""
