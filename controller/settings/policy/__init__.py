"""Policy profiles: what an authority's privacy notice promises, as tables that the controller keeps.

``profile`` is the whole file, ``load`` reads it; the other modules are its tables. Never here: what dates
follow from a rule (``core.retention``), and which settings of a branch go with a profile.
"""
