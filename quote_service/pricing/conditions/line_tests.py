"""Conditions about a line, compiled to one test of it.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from quote_service.pricing.conditions.conditions import Conditions


class ConditionedItem(Protocol):
    """What such a condition may look at of what is bought."""

    @property
    def product_id(self) -> str: ...
    @property
    def category_id(self) -> str | None: ...
    @property
    def tags(self) -> Collection[str] | None: ...


class ConditionedLine(Protocol):
    """What such a condition may look at: a line of a quote, or a product whose price is worked out (`ProductPrice`)."""

    @property
    def item(self) -> ConditionedItem: ...
    @property
    def seller_id(self) -> str | None: ...


LineTest = Callable[[ConditionedLine], bool]


class LineCondition(NamedTuple):
    """`make_test` makes the test of what was wanted. The rule check's baskets satisfy it by the field of a line that they
    carry it in: with one value that all rules allow or, for a `field_is_list`, with one for each rule.
    """

    make_test: Callable[[Any], LineTest]
    field: str
    field_is_list: bool = False


def _categories(wanted: Iterable[object]) -> LineTest:
    categories = _texts(wanted)
    return lambda line: line.item.category_id in categories


def _products(wanted: Iterable[object]) -> LineTest:
    products = _texts(wanted)
    return lambda line: line.item.product_id in products


def _sellers(wanted: Iterable[object]) -> LineTest:
    sellers = _texts(wanted)
    return lambda line: line.seller_id in sellers


def _tags(wanted: Iterable[object]) -> LineTest:
    tags = _texts(wanted)
    return lambda line: not tags.isdisjoint(line.item.tags or ())


# Each condition of this sort, by its field, with what makes its test of what was wanted. Compiling, the explanation and the
# rule check follow from it. A list is satisfied by any of its values, and an empty one by nothing.
LINE_CONDITIONS: dict[str, LineCondition] = {
    "category_ids": LineCondition(_categories, "category_id"),
    "product_ids": LineCondition(_products, "product_id"),
    "seller_ids": LineCondition(_sellers, "seller_id"),
    "tags_any": LineCondition(_tags, "tags", field_is_list=True),
}


def wanted_of_lines(
    conditions: Conditions, categories_below: frozenset[str] | None = None
) -> Iterator[tuple[str, LineCondition, Any]]:
    """The conditions about lines that are given, by name, and what each wants: of categories also those below, where
    they are told."""
    for name, condition in LINE_CONDITIONS.items():
        wanted = getattr(conditions, name)
        if wanted is not None:
            yield name, condition, categories_below or wanted if name == "category_ids" else wanted


def compile_line_test(conditions: Conditions, categories_below: frozenset[str] | None = None) -> LineTest | None:
    """The test that a line must pass; None where every line does.

    Args:
        conditions: As they were written.
        categories_below: Those of its categories and all below them, where it means them too.
    """
    wanted = ((each.make_test, value) for _, each, value in wanted_of_lines(conditions, categories_below))
    tests = [make(value) for make, value in wanted]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda line: all(test(line) for test in tests)


def _texts(values: Iterable[object]) -> frozenset[str]:
    return frozenset(str(value) for value in values)
