"""Rulebooks of the past, whole, for whoever prices many quotes again: each is made out of an earlier one that is held.

Source: docs/spec/replay.md#the-rulebook-of-then.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import Literal

import msgspec

from quote_service.platform.postgres.pool import Database
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.rulebook.snapshot.model.errors import RowUnreadable
from quote_service.rulebook.snapshot.tables.catalog_rows import read_surroundings
from quote_service.rulebook.snapshot.tables.past_changes import read_past_changes
from quote_service.rulebook.snapshot.tables.rulebook_rows import NOTHING_HELD

HELD_MAX = 16
LossCode = Literal["rulebook-unknown", "rulebook-unreadable"]


class RulebookLost(Exception):
    """There is no such version to price by; `code` says why."""

    def __init__(self, code: LossCode, detail: str) -> None:
        super().__init__(detail)
        self.code: LossCode = code
        self.detail = detail


class PastRulebooks:
    """The versions that were asked for last, at most HELD_MAX of them; what two have in common is held once.

    The category tree and the sellers' regions are those of today, since nobody keeps them; the catalog holds no prices.
    """

    def __init__(self, database: Database, surroundings: CatalogSnapshot, rates_until: datetime) -> None:
        self._database = database
        self._rates_until = rates_until
        empty = empty_rulebook()
        self._empty = empty.with_catalog(surroundings, empty.customers)
        self._held: OrderedDict[int, Rulebook | RulebookLost] = OrderedDict()

    @classmethod
    async def open(cls, database: Database, rates_until: datetime) -> "PastRulebooks":
        """Those of a database; rates that ended by an instant are never asked for.

        Raises:
            Unavailable: The database cannot be reached.
        """
        async with database.read() as connection:
            parents, regions = await read_surroundings(connection)
        return cls(database, CatalogSnapshot(parents=parents, seller_regions=regions), rates_until)

    async def at(self, version: int) -> Rulebook:
        """The rulebook as it was in a version.

        Raises:
            RulebookLost: The database does not know the version, or this release does not understand it.
            Unavailable: The database cannot be reached.
        """
        found = self._held.get(version)
        if found is None:
            try:
                found = await self._make(version)
            except RulebookLost as lost:
                found = lost
            while len(self._held) >= HELD_MAX:
                self._held.popitem(last=False)
            self._held[version] = found
        self._held.move_to_end(version)
        if isinstance(found, RulebookLost):
            raise found
        return found

    async def _make(self, version: int) -> Rulebook:
        earlier = [held for held, book in self._held.items() if held < version and isinstance(book, Rulebook)]
        held_version = max(earlier, default=NOTHING_HELD)
        held = self._held[held_version] if earlier else self._empty
        assert isinstance(held, Rulebook)
        try:
            async with self._database.transaction() as connection:
                changes = await read_past_changes(connection, version, held_version, rates_until=self._rates_until)
            if changes is None:
                raise RulebookLost("rulebook-unknown", "the database was restored from before the rulebook version")
            # A million rates take seconds, in which the lease of whoever asks is to be kept.
            return await asyncio.to_thread(apply_changes, held, changes)
        except (RowUnreadable, msgspec.ValidationError):
            raise RulebookLost(
                "rulebook-unreadable", "this release does not understand a rule or rate of the rulebook version"
            ) from None
