"""The rules that everybody's price went by in the last months, worked out once for all who ask.

Source: docs/spec/price-reductions.md#everybody.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import SECOND_US
from quote_service.pricing.asked.price_reduction import PERIOD_US
from quote_service.pricing.asked.rules_for_all import RulesSince, flags_asked_for, rules_for_all
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.snapshot.tables.standing_rules import (
    read_standing_flags,
    read_standing_rules,
    read_standing_spends,
)

#: A reduction of today looks back 60 days; one that goes on step by step, as far as this.
HORIZON_US: Final = 4 * PERIOD_US
_AHEAD_US: Final = 3600 * SECOND_US


class StandingRules:
    """Of one process; what it has worked out is of one version of the rulebook, and good for an hour."""

    __slots__ = ("_for", "_lock", "_parents", "_rules", "_until_us")

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._for = -1
        self._parents: Mapping[str, str | None] | None = None
        self._rules: Sequence[RulesSince] = ()
        self._until_us = 0

    async def since_long(self, connection: Connection, rulebook: Rulebook, at_us: int) -> Sequence[RulesSince]:
        """Those of the months up to an instant, by what a rulebook knows.

        Raises:
            Unavailable: The database cannot be reached.
            RowUnreadable: A row cannot be understood by this release.
        """
        async with self._lock:
            if not self._is_known(rulebook, at_us):
                since_us, until_us = at_us - HORIZON_US, at_us + _AHEAD_US
                parents = rulebook.catalog.parents
                standing = await read_standing_rules(connection, since_us, rulebook.version)
                spends = await read_standing_spends(connection, since_us, rulebook.version)
                flags = await read_standing_flags(connection, flags_asked_for(standing), since_us, rulebook.version)
                # Days of windows are looked through one by one, which takes its time where there are many.
                self._rules = await asyncio.to_thread(
                    rules_for_all, standing, parents, since_us, until_us, spends, flags
                )
                self._for, self._parents, self._until_us = rulebook.version, parents, until_us
            return self._rules

    def _is_known(self, rulebook: Rulebook, at_us: int) -> bool:
        return (
            self._for == rulebook.version
            and self._until_us - _AHEAD_US <= at_us <= self._until_us
            and self._parents == rulebook.catalog.parents
        )
