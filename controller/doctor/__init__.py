"""What is wrong with a branch, and what to do about it: every part looked at, in the order an engineer would.

Here: looking, and saying what was found in a line with its remedy. Never here: mending anything, or changing
it; whoever looks leaves no trace.
"""
