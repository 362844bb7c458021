"""What was in force for some baskets when they were quoted, and at a later instant of each.

Source: docs/spec/analytics.md#honoured-prices.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.basket import NOT_GIVEN, Basket
from quote_service.rulebook.snapshot.model.past_scene import PastFigures, PastQuestion, PastScene, Places
from quote_service.rulebook.snapshot.model.position import Asked
from quote_service.rulebook.snapshot.operations.rulebook_between import RulebookBetween
from quote_service.rulebook.snapshot.tables.known_past import (
    read_past_figures,
    read_past_prices,
    read_past_sales,
    read_places,
)
from quote_service.rulebook.snapshot.tables.rows_between import (
    read_known_versions_of,
    read_rows_between,
    read_versions_at,
)

_NO_FIGURES = PastFigures({}, {})


class PastScenes(NamedTuple):
    """The scenes by quote, and what they share; a quote of a version that the database does not know has none."""

    quotes: dict[str, PastScene]
    rulebook: RulebookBetween
    places: Places
    asked: Asked


async def read_past_scenes(connection: Connection, questions: Sequence[PastQuestion]) -> PastScenes | None:
    """What some quotes were priced by, and what they would have been priced by later; None for no scene at all.

    Args:
        connection: Within a transaction.
        questions: The quotes.

    Raises:
        RowUnreadable: A row cannot be understood by this release.
        msgspec.ValidationError: A rule's configuration does not fit its type in this release.
    """
    known = await read_known_versions_of(connection, {question.version for question in questions})
    questions = [question for question in questions if question.version in known]
    if not questions:
        return None
    later = await read_versions_at(connection, [question.later_us for question in questions])
    # A clock may be set back; a quote is never later than what comes after it.
    versions = [max(question.version, found or 0) for question, found in zip(questions, later, strict=True)]
    baskets = [question.basket for question in questions]
    sellers = {each for basket in baskets for each in _sellers_of(basket)}
    rows = await read_rows_between(
        connection,
        min(question.version for question in questions),
        max(versions),
        sellers=[UUID(seller) for seller in sellers],
        categories=[UUID(item.category_id) for basket in baskets for item in basket.items if item.category_id],
        customers=[UUID(basket.customer_id) for basket in baskets],
    )
    places = await read_places(connection, sellers)
    rulebook = await asyncio.to_thread(RulebookBetween, rows, places.parents)
    asked = rulebook.asked
    scenes = {
        question.quote_id: await _read_scene(connection, question, version, asked)
        for question, version in zip(questions, versions, strict=True)
    }
    return PastScenes(scenes, rulebook, places, asked)


async def _read_scene(connection: Connection, question: PastQuestion, version: int, asked: Asked) -> PastScene:
    basket, later = question.basket, from_micros(question.later_us)
    prices, before, after = {}, _NO_FIGURES, _NO_FIGURES
    # What is kept of a request has no price for lines of the catalog.
    if any(item.unit_price is NOT_GIVEN for item in basket.items):
        prices = {price.item_id: price for price in await read_past_prices(connection, basket, later)}
        if asked.stock or asked.demand_hours:
            before = await read_past_figures(connection, basket, asked, from_micros(question.issued_at_us))
            after = await read_past_figures(connection, basket, asked, later)
    products = {item.product_id for item in basket.items}
    return PastScene(
        asked=question,
        version_later=version,
        prices=prices,
        sales=await read_past_sales(connection, products, later, later),
        figures_before=before,
        figures_later=after,
    )


def _sellers_of(basket: Basket) -> set[str]:
    return {basket.seller_id, *(item.seller_id for item in basket.items if item.seller_id)}
