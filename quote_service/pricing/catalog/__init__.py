"""The products that the rulebook knows: what they cost before and after the price rules."""
