"""Today: how the branch is now, what wants attention first, and what staff may do about a door.

Here: what is known, and how it is shown and kept up to date. Never here: pictures, members, or the past
(``timeline``).
"""
