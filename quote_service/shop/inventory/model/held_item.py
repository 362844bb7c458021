"""Stock of an item while a transaction holds it.

Source: docs/spec/inventory.md#stock.
"""

from typing import NamedTuple
from uuid import UUID


class HeldItem(NamedTuple):
    """An item as it is: nobody else changes it until the transaction ends."""

    item_id: UUID
    product_id: UUID
    quantity: int
    reserved: int
    is_dynamic: bool
    low_threshold: int | None
    high_threshold: int | None

    @property
    def available(self) -> int:
        """Units that can be sold."""
        return self.quantity - self.reserved

    def moves_prices(self, delta: int) -> bool:
        """Whether its level changes with its quantity, and prices follow that."""
        return self.is_dynamic and self._level(self.quantity) != self._level(self.quantity + delta)

    def _level(self, quantity: int) -> int:
        if self.low_threshold is not None and quantity <= self.low_threshold:
            return -1
        return int(self.high_threshold is not None and quantity >= self.high_threshold)


class Move(NamedTuple):
    """What is added to an item's quantity, and to what of it is reserved."""

    quantity: int
    reserved: int
