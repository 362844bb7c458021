"""A rule type, a condition and a kind of discount that the product does not have: each is one module, put beside its own.

`test_adding.py` runs `cases.py` in a process in which `plugin.py` has put these folders beside the product's before
anything looks there, as if the modules had been written into them.
"""
