"""A module for each part that is looked at: ``look`` yields what it found. ``parts`` has their order.

Never here: guessing. What could not be looked at is ``State.UNKNOWN``, with the reason.
"""
