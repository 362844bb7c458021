"""Campaigns: a product's price follows its demand, hour by hour, towards a target of sales."""
