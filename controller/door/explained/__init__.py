"""The door explained to people: pages made from its tables, and what an answer at the reader means.

For the commands and the documents alone. Never here: anything that the running door needs.
"""
