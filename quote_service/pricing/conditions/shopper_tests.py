"""Conditions about the customer and the order as a whole, compiled to one test.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.flags.decision import Subject


class Shopper(Protocol):
    """What such a condition may look at."""

    @property
    def subject(self) -> Subject:
        """The customer at the delivery address."""

    @property
    def is_express(self) -> bool:
        """Whether the delivery is to be express."""

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""


ShopperTest = Callable[[Shopper], bool]


class ShopperCondition(NamedTuple):
    """`make_test` makes the test of what was wanted. The rule check's baskets satisfy it by the `field` of a request that
    they carry it in (`context.` for one of the context): with one value that all rules allow or, for a `field_is_list`, with
    one for each rule. None where the check sees to it otherwise.
    """

    make_test: Callable[[Any], ShopperTest]
    field: str | None = None
    field_is_list: bool = False


def _tiers(wanted: list[str]) -> ShopperTest:
    tiers = frozenset(wanted)
    return lambda shopper: shopper.subject.customer_tier in tiers


def _segments(wanted: list[str]) -> ShopperTest:
    segments = frozenset(wanted)
    return lambda shopper: not segments.isdisjoint(shopper.subject.segments)


def _groups(wanted: list[str]) -> ShopperTest:
    groups = frozenset(wanted)
    return lambda shopper: shopper.subject.ab_test_group in groups


def _express(wanted: bool) -> ShopperTest:
    return lambda shopper: shopper.is_express is wanted


def _flag(key: str) -> ShopperTest:
    return lambda shopper: shopper.flag_is_true(key)


# Each condition of this sort, by its field, with what makes its test of what was wanted. Compiling, the explanation and the
# rule check follow from it. A list is satisfied by any of its values, and an empty one by nothing.
SHOPPER_CONDITIONS: dict[str, ShopperCondition] = {
    "customer_tiers": ShopperCondition(_tiers, "customer_tier"),
    "customer_segments": ShopperCondition(_segments, "customer_segments", field_is_list=True),
    "ab_test_groups": ShopperCondition(_groups, "context.ab_test_group"),
    "express": ShopperCondition(_express),
    "flag": ShopperCondition(_flag),
}


def compile_shopper_test(conditions: Conditions) -> ShopperTest | None:
    """The test that a quote must pass; None where every quote does."""
    wanted = ((each.make_test, getattr(conditions, name)) for name, each in SHOPPER_CONDITIONS.items())
    tests = [make(value) for make, value in wanted if value is not None]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda shopper: all(test(shopper) for test in tests)
