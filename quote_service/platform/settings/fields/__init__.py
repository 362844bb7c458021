"""What can be set, by subject.

A struct has one line of ancestors: each part goes on from the one before it, and that is the order of the table.
"""
