"""The ledger: money that moved, in double entry, to which is only added."""
