"""How far a worker has followed the catalog, the customers, stock and demand.

Source: docs/decisions/followed-catalog.md.
"""

import msgspec

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.rulebook.snapshot.model.transaction_snapshot import TransactionSnapshot


class Asked(msgspec.Struct, frozen=True):
    """The figures that price rules ask for: stock or not, and the hours over which demand is counted."""

    stock: bool = False
    demand_hours: frozenset[int] = frozenset()


class Moment(msgspec.Struct, frozen=True):
    """A state of the database, distinguished from every other.

    `origin` is another one after a restore or a failover: the cluster, its timeline and the database. `minute_us` is the last
    full minute, a few seconds late, up to which demand is counted.
    """

    origin: str
    seen: TransactionSnapshot
    minute_us: int

    def is_lost_from(self, now: "Moment") -> bool:
        """Whether the database, as it is now, is not this one with something added."""
        return self.origin != now.origin or now.seen.next_id < self.seen.next_id


class Position(msgspec.Struct, frozen=True):
    """What is held: the catalog and the customers as of `moment`, and the figures in `asked`.

    `values` is how many values rows could name when all of them were read last.
    """

    moment: Moment
    asked: Asked
    values: int


class Known(msgspec.Struct, frozen=True):
    """A catalog and customers, and how far they have been followed."""

    catalog: CatalogSnapshot
    customers: CustomerSnapshot
    position: Position
