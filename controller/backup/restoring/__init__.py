"""Coming back from a backup: all is made ready beside its place, and nothing that was destroyed returns.

Disposals and holds are replayed, and what is due by now goes, before a file is moved to where services read.
"""
