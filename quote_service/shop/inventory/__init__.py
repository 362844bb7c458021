"""How many units there are of what the shop sells, and what that does to prices."""
