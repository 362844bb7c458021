"""How signals are found: functions of what was known and what is new, without a database or a clock.

Amounts are millionths of a major unit, of one unit of ours; instants are microseconds since 1970.
"""
