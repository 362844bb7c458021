"""From the wish of a buyer to the answer."""
