"""Orders, refunds, ledger, flash sales."""
