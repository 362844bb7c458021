"""The one place where the rulebook changes: a worker holds it, quotes read it, the watch replaces it.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/operations.md#health.
"""

import gc

import msgspec

from quote_service.platform.system.clock import now_us
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.rulebook.snapshot.model.position import Known, Moment, Position


class RulebookHolder:
    """`rulebook` is the one to price with, None until the first has been read; each quote takes it once and keeps it.

    `edition` rises whenever another rulebook is put in place, though it be for a price alone; `version` is that of rules, rates
    and flags. `position` is how far catalog and customers have been followed, None before the first reading.
    `loaded_at_us` is when rules were put in place, `catalog_at_us` when the catalog was, `checked_at_us` when it was last known to be the newest.
    Everything that was committed by `reached_us` of the database's clock is held.
    """

    __slots__ = ("catalog_at_us", "checked_at_us", "edition", "loaded_at_us", "position", "reached_us", "rulebook")

    def __init__(self) -> None:
        self.rulebook: Rulebook | None = None
        self.position: Position | None = None
        self.edition = 0
        self.loaded_at_us = 0
        self.catalog_at_us = 0
        self.checked_at_us = 0
        self.reached_us = 0

    @property
    def version(self) -> int:
        """The version held, 0 for none."""
        return self.rulebook.version if self.rulebook is not None else 0

    @property
    def prices(self) -> int:
        """How many prices of products and variants are held."""
        return self.rulebook.catalog.rows.count if self.rulebook is not None else 0

    @property
    def customers(self) -> int:
        """How many customers are held: those with a tier or segments."""
        return self.rulebook.customers.rows.count if self.rulebook is not None else 0

    @property
    def catalog_bytes(self) -> int:
        """About how much memory prices and customers take."""
        if self.rulebook is None:
            return 0
        return self.rulebook.catalog.rows.size_bytes + self.rulebook.customers.rows.size_bytes

    def apply(self, changes: RulebookChanges, known: Known | None = None) -> None:
        """Put a newer rulebook in place, with what was known at the same moment; with what is held where that is left out.

        Everything is compiled before the swap, so a change that cannot be compiled leaves the held one as it is.
        """
        held = self.rulebook
        rulebook = apply_changes(held if held is not None else empty_rulebook(), changes)
        is_complete = changes.is_complete
        if known is not None:
            is_complete = is_complete or self.position is None
            rulebook = rulebook.with_catalog(known.catalog, known.customers)
            self._follow(known)
        self.rulebook = rulebook
        self.edition += 1
        self.loaded_at_us = self.checked_at_us = now_us()
        if is_complete:
            # What was just loaded stays: without this each full collection walks a million rates, some 100 ms each.
            gc.collect()
            gc.freeze()

    def learn(self, known: Known) -> None:
        """Put other prices, stock, demand or customers beside the same rules; what is known may be what is held."""
        held = self.rulebook if self.rulebook is not None else empty_rulebook()
        self._follow(known)
        if known.catalog is not held.catalog or known.customers is not held.customers:
            self.rulebook = held.with_catalog(known.catalog, known.customers)
            self.edition += 1
        self.checked_at_us = now_us()

    def confirm(self) -> None:
        """Note that the version held is still the newest."""
        self.checked_at_us = now_us()

    def confirm_catalog(self, moment: Moment) -> None:
        """Note that catalog and customers are as they are held at a later moment too."""
        if self.position is not None:
            self.position = msgspec.structs.replace(self.position, moment=moment)
        self.checked_at_us = now_us()

    def _follow(self, known: Known) -> None:
        held = self.rulebook
        if held is None or known.catalog is not held.catalog:
            self.catalog_at_us = now_us()
        self.position = known.position
