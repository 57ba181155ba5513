"""How things are now, told from the events of a journal: an event says what happened, these what holds.

Each is a value with ``after(event)``, which is the same object when the event says nothing about it. Whoever
shows or sends them reads the journals; never here: reading, or how anything is sent.
"""
