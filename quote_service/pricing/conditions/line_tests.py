"""Conditions about a line, compiled to one test of it.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Callable, Sequence
from typing import Any

from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.quote import QuoteLine

LineTest = Callable[[QuoteLine], bool]


def _categories(wanted: Sequence[object]) -> LineTest:
    categories = _texts(wanted)
    return lambda line: line.item.category_id in categories


def _products(wanted: Sequence[object]) -> LineTest:
    products = _texts(wanted)
    return lambda line: line.item.product_id in products


def _sellers(wanted: Sequence[object]) -> LineTest:
    sellers = _texts(wanted)
    return lambda line: line.seller_id in sellers


def _tags(wanted: Sequence[object]) -> LineTest:
    tags = _texts(wanted)
    return lambda line: not tags.isdisjoint(line.item.tags or ())


# Each condition of this sort, by its field, with what makes its test of what was wanted. Compiling, the explanation and the
# rule check follow from it. A list is satisfied by any of its values, and an empty one by nothing.
LINE_CONDITIONS: dict[str, Callable[[Any], LineTest]] = {
    "category_ids": _categories,
    "product_ids": _products,
    "seller_ids": _sellers,
    "tags_any": _tags,
}


def compile_line_test(conditions: Conditions) -> LineTest | None:
    """The test that a line must pass; None where every line does."""
    wanted = ((make, getattr(conditions, name)) for name, make in LINE_CONDITIONS.items())
    tests = [make(value) for make, value in wanted if value is not None]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda line: all(test(line) for test in tests)


def _texts(values: Sequence[object]) -> frozenset[str]:
    return frozenset(str(value) for value in values)
