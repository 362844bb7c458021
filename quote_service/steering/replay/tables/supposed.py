"""Of what a replay supposes: whether it is there, and when it counted.

Source: docs/spec/replay.md#what-is-not-there.
"""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.replay.model.replay_warnings import Counted, PricedItem
from quote_service.steering.replay.model.supposed_change import SupposedPrice

STATEMENTS = Statements(__file__, "supposed")
_RULES, _TYPES, _RATES, _FLAGS, _PRICES = (STATEMENTS[name] for name in ("rules", "types", "rates", "flags", "prices"))


async def rules_counted(connection: Connection, given: Sequence[str]) -> dict[str, Counted]:
    """Those of some rules that there are or were, by the name or id that was given."""
    return _by_key(await connection.fetch(_RULES, given))


async def types_of_rules(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """The types of those of some rules that there are, by name."""
    return {row[0]: row[1] for row in await connection.fetch(_TYPES, names)}


async def rates_counted(connection: Connection, rate_ids: Sequence[UUID]) -> dict[str, Counted]:
    """Those of some commission rates that there are or were, by id."""
    return _by_key(await connection.fetch(_RATES, rate_ids))


async def flags_counted(connection: Connection, keys: Sequence[str]) -> dict[str, Counted]:
    """Those of some feature flags that there are or were, by key."""
    return _by_key(await connection.fetch(_FLAGS, keys))


async def priced_items(connection: Connection, prices: Sequence[SupposedPrice]) -> list[PricedItem]:
    """What there is of each price, in their order."""
    columns = ([price.product_id for price in prices], [price.variant_id for price in prices])
    return [PricedItem(*row) for row in await connection.fetch(_PRICES, *columns, [price.currency for price in prices])]


def _by_key(rows: Sequence[Record]) -> dict[str, Counted]:
    return {row[0]: Counted(row[1], row[2]) for row in rows}
