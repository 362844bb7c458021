"""Amounts, currencies, percentages: whole minor units and exact decimals, never a binary float. Pure."""
