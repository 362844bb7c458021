"""Change sets: rules, rates, flags and prices that are reviewed, published and rolled back as one."""
