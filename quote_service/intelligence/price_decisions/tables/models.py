"""Versions of what was learnt about demand, as rows.

Source: docs/spec/price-decisions.md#models.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.intelligence.demand.model import Elasticity, SecondOpinion
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect, Learned
from quote_service.intelligence.price_decisions.model.grounds import shown_behaviour, shown_opinion
from quote_service.intelligence.price_decisions.model.models import ModelProduct, ModelRecord, ModelTrial
from quote_service.intelligence.price_decisions.model.shown import shown_amount
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.documents.documents import write_document
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "models")

_read_trials = msgspec.json.Decoder(list[ModelTrial]).decode
_read_versions = msgspec.json.Decoder(dict[str, str]).decode
_read_elasticity = msgspec.json.Decoder(Elasticity).decode
_read_opinions = msgspec.json.Decoder(tuple[SecondOpinion, ...]).decode
_read_behaviour = msgspec.json.Decoder(BehaviourEffect).decode
_DIGITS = 4


class NewModel(NamedTuple):
    """What was learnt."""

    id: UUID
    created_at: datetime
    learned_from: date
    learned_until: date
    rows: int
    champion: str
    trials: Sequence[ModelTrial]
    uses_behaviour: bool
    seconds: float
    learned_with: Mapping[str, str]
    products: Mapping[Item, Learned]


class NewestModel(NamedTuple):
    """The version that decisions go by."""

    id: UUID
    created_at: datetime
    champion: str
    uses_behaviour: bool
    age_seconds: float


def _record(row: Record) -> ModelRecord:
    trials, versions = _read_trials(row["trials"]), _read_versions(row["learned_with"])
    return ModelRecord(**{**dict(row), "trials": trials, "learned_with": versions})


async def insert_model(connection: Connection, new: NewModel) -> None:
    """Keep a version with all that it says, in the caller's transaction."""
    await connection.execute(
        STATEMENTS["insert_model"],
        new.id,
        new.created_at,
        new.learned_from,
        new.learned_until,
        len(new.products),
        new.rows,
        new.champion,
        write_document(list(new.trials)).decode(),
        new.uses_behaviour,
        new.seconds,
        write_document(dict(new.learned_with)).decode(),
    )
    await connection.copy_records_to_table(
        "price_model_products",
        records=(
            (
                new.id,
                *item,
                known.reference_minor,
                known.units_a_day,
                known.elasticity.identified,
                write_document(known.elasticity).decode(),
                write_document(list(known.second_opinions)).decode(),
                None if known.behaviour is None else write_document(known.behaviour).decode(),
            )
            for item, known in new.products.items()
        ),
        columns=(
            "model_id", "product_id", "currency", "reference_minor", "units_a_day", "is_identified", "elasticity",
            "second_opinions", "behaviour",
        ),
    )  # fmt: skip


@STATEMENTS.query()
async def newest_model(connection: Connection) -> NewestModel | None:
    """The version that decisions go by; None before the first."""


async def learned_of(connection: Connection, model: NewestModel, product_ids: Sequence[UUID]) -> dict[Item, Learned]:
    """What a version says of some products; those that it does not know have nothing."""
    return {
        (row["product_id"], row["currency"]): Learned(
            model_id=model.id,
            reference_minor=row["reference_minor"],
            units_a_day=row["units_a_day"],
            elasticity=_read_elasticity(row["elasticity"]),
            uses_behaviour=model.uses_behaviour,
            second_opinions=_read_opinions(row["second_opinions"]),
            behaviour=_behaviour(row),
        )
        for row in await connection.fetch(STATEMENTS["learned"], model.id, list(product_ids))
    }


@STATEMENTS.query(missing="There is no such price model", row=_record)
async def read_model(connection: Connection, model_id: UUID) -> ModelRecord:
    """A version.

    Raises:
        NotFound: There is none, or it has been forgotten.
    """


async def page_of_model_products(
    connection: Connection,
    model_id: UUID,
    *,
    product_id: UUID | None,
    is_identified: bool | None,
    after: Item | None,
    limit: int,
) -> list[ModelProduct]:
    """Up to `limit` products of a version in order, from behind `after`."""
    last_id, last_currency = after or (None, None)
    rows = await connection.fetch(
        STATEMENTS["page_of_products"], model_id, last_id, last_currency, product_id, is_identified, limit
    )
    return [_product(row) for row in rows]


@STATEMENTS.query()
async def forget_models(connection: Connection, keep: int) -> Affected:
    """Remove all but the newest versions; how many went."""


def _product(row: Record) -> ModelProduct:
    known = _read_elasticity(row["elasticity"])
    return ModelProduct(
        product_id=row["product_id"],
        currency=row["currency"],
        reference_price=shown_amount(row["reference_minor"], EXPONENTS.get(row["currency"], 2)),
        units_a_day=round(row["units_a_day"], _DIGITS),
        elasticity=round(known.mean, _DIGITS),
        low=round(known.low, _DIGITS),
        high=round(known.high, _DIGITS),
        own_weight=round(known.own_weight, _DIGITS),
        rows=known.variation.rows,
        distinct_prices=known.variation.distinct_prices,
        is_identified=row["is_identified"],
        doubts=list(known.doubts),
        second_opinions=[shown_opinion(each, known) for each in _read_opinions(row["second_opinions"])],
        behaviour=shown_behaviour(_behaviour(row)),
    )


def _behaviour(row: Record) -> BehaviourEffect | None:
    return None if row["behaviour"] is None else _read_behaviour(row["behaviour"])


MODEL_ROWS = ListedRows(
    ModelRecord, STATEMENTS["models"], order="-id", sorts=("created_at", "learned_until"), make=_record
)
