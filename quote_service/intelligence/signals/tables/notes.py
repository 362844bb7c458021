"""What is new and nobody has looked at, and what is known from before. Prices, stock and sources are looked up by SQL.

Source: docs/spec/signals.md#looking.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from quote_service.intelligence.signals.model.detection.found import Point
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import to_micros

STATEMENTS = Statements(__file__, "notes")

Machine = Literal["listing", "price", "war", "stock", "sales", "source"]
NoteSource = Literal["observation", "vouched", "price", "stock"]
State = TypeVar("State", bound=msgspec.Struct)


class Note(NamedTuple):
    """Something that has happened: see `signals_pending`."""

    number: int
    source: NoteSource
    item_id: UUID
    object_id: str


class PriceMove(NamedTuple):
    """A move of a price of ours; amounts are millionths."""

    product_id: UUID
    variant_id: UUID | None
    currency: str
    before_micro: int
    now: Point


class OwnPrice(NamedTuple):
    """A price of ours as it is now, and since when; `before_micro` is what it was until then."""

    product_id: UUID
    variant_id: UUID | None
    currency: str
    point: Point
    before_micro: int

    def at(self, at_us: int) -> Point:
        """The price at an instant, as far as it is known: one move back."""
        return self.point if self.point.at_us <= at_us else Point("", at_us, self.before_micro)


class Stock(NamedTuple):
    """How many units of an item are available."""

    item_id: UUID
    product_id: UUID
    variant_id: UUID | None
    available: int


class SilentSource(NamedTuple):
    """A source that should have told something; `product_id` is that of a product page."""

    id: UUID
    competitor_id: UUID
    name: str
    last_ok_at: datetime | None
    last_outcome: str | None
    product_id: UUID | None


@STATEMENTS.query()
async def begin_looking(connection: Connection) -> bool:
    """Whether nobody else looks until the transaction ends."""


async def take_notes(connection: Connection, limit: int) -> list[Note]:
    """The oldest notes, which are gone when the transaction commits."""
    return sorted(Note(*row) for row in await connection.fetch(STATEMENTS["take_notes"], limit))


@STATEMENTS.query()
async def oldest_note(connection: Connection) -> tuple[int, float]:
    """How many notes wait (of 10 000 at most), and for how many seconds the oldest has."""


async def read_states(
    connection: Connection, machine: Machine, subjects: Iterable[str], kind: type[State]
) -> dict[str, State]:
    """What is known of subjects; one that cannot be read any more begins again."""
    found = {}
    for row in await connection.fetch(STATEMENTS["states"], machine, list(subjects)):
        try:
            found[row["subject"]] = msgspec.json.decode(row["state"], type=kind)
        except msgspec.DecodeError:
            continue
    return found


@STATEMENTS.query()
async def subjects_of(connection: Connection, machine: Machine) -> list[str]:
    """All subjects of which something is known."""


async def write_states(
    connection: Connection, machine: Machine, states: Mapping[str, msgspec.Struct | None], at: datetime
) -> None:
    """Keep what is known of subjects; None forgets."""
    gone = [subject for subject, state in states.items() if state is None]
    kept = {subject: msgspec.json.encode(state).decode() for subject, state in states.items() if state is not None}
    if gone:
        await connection.execute(STATEMENTS["remove_states"], machine, gone)
    if kept:
        await connection.execute(STATEMENTS["write_states"], machine, list(kept), list(kept.values()), at)


async def price_moves(connection: Connection, numbers: Sequence[int]) -> list[PriceMove]:
    """Moves of our own prices by their numbers, the earliest first."""
    return [
        PriceMove(
            row["product_id"],
            row["variant_id"],
            row["currency"],
            _micro(row["old_price"]),
            Point(str(row["id"]), to_micros(row["at"]), _micro(row["new_price"])),
        )
        for row in await connection.fetch(STATEMENTS["price_moves"], numbers)
    ]


async def own_prices(connection: Connection, product_ids: Sequence[UUID]) -> list[OwnPrice]:
    """Our prices of products, and of those variants that have one of their own."""
    return [
        OwnPrice(
            row["product_id"],
            row["variant_id"],
            row["currency"],
            Point(str(row["move_id"]), to_micros(row["at"]), _micro(row["price"])),
            _micro(row["price_before"]),
        )
        for row in await connection.fetch(STATEMENTS["own_prices"], product_ids)
    ]


@STATEMENTS.query()
async def stock_of(connection: Connection, item_ids: Sequence[UUID]) -> list[Stock]:
    """What is available of items of which stock is kept."""


@STATEMENTS.query()
async def silent_sources(connection: Connection, at_us: int, limit: int) -> list[SilentSource]:
    """Sources that are stale, and of which that is not told."""


@STATEMENTS.query()
async def sources_heard_again(connection: Connection, limit: int) -> list[str]:
    """Ids of sources that were told to be stale, and are not any more; or there is nothing to expect of them."""


def _micro(text: str) -> int:
    return scale_decimal(Decimal(text), FACTOR_PLACES)
