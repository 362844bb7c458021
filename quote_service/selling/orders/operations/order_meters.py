"""Counts of orders in one process, written where they outlive it.

Source: docs/spec/orders.md#figures.
"""

from typing import Literal, get_args

from quote_service.platform.telemetry.registry import Registry

Happening = Literal["placed", "repeated", "refused", "fulfilled", "cancelled"]


class OrderMeters:
    """A counter for each thing that happens; all are there from the start, so that the first of each is seen as an increase."""

    __slots__ = ("_counted", "groups")

    def __init__(self, registry: Registry) -> None:
        meaning = "Requests for orders and changes of orders, by what came of them"
        self._counted = {
            name: registry.counter("quote_orders_total", meaning, {"outcome": name}) for name in get_args(Happening)
        }
        self.groups = registry.counter("quote_order_groups_total", "Transactions that placed orders together")

    def count(self, happening: Happening) -> None:
        """One more."""
        self._counted[happening].add(1)
