"""Conditions about a line, compiled to one test of it.

Source: spec 4, Which rule counts.
"""

from collections.abc import Callable, Sequence

from quote_service.domain.quote import QuoteLine
from quote_service.domain.rules.conditions import Conditions

LineTest = Callable[[QuoteLine], bool]


def compile_line_test(conditions: Conditions) -> LineTest | None:
    """The test that a line must pass; None where every line does."""
    categories = _texts(conditions.category_ids)
    products = _texts(conditions.product_ids)
    sellers = _texts(conditions.seller_ids)
    tags = _texts(conditions.tags_any)
    if categories is products is sellers is tags is None:
        return None

    def covers(line: QuoteLine) -> bool:
        item = line.item
        return (
            (categories is None or item.category_id in categories)
            and (products is None or item.product_id in products)
            and (sellers is None or line.seller_id in sellers)
            and (tags is None or not tags.isdisjoint(item.tags or ()))
        )

    return covers


def _texts(values: Sequence[object] | None) -> frozenset[str] | None:
    # None is no condition; an empty list is one that nothing satisfies.
    return None if values is None else frozenset(str(value) for value in values)
