"""What a branch knows and decides: cards, memberships, hours, access, the door, the clock, events, disposal.

Pure: the standard library only, no clock, no files, no network, no threads. Times and hours come in as
data, so that every rule here can be tested without a machine around it.
"""
