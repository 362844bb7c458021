"""Conditions about the customer and the order as a whole, compiled to one test.

Source: spec 4, Which rule counts.
"""

from collections.abc import Callable
from typing import Protocol

from quote_service.domain.rules.conditions import Conditions
from quote_service.engine.flags.decision import Subject


class Shopper(Protocol):
    """What such a condition may look at."""

    subject: Subject
    is_express: bool

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""


ShopperTest = Callable[[Shopper], bool]


def compile_shopper_test(conditions: Conditions) -> ShopperTest | None:
    """The test that a quote must pass; None where every quote does."""
    tests: list[ShopperTest] = []
    if conditions.customer_tiers is not None:
        tiers = frozenset(conditions.customer_tiers)
        tests.append(lambda shopper: shopper.subject.customer_tier in tiers)
    if conditions.customer_segments is not None:
        segments = frozenset(conditions.customer_segments)
        tests.append(lambda shopper: not segments.isdisjoint(shopper.subject.segments))
    if conditions.ab_test_groups is not None:
        groups = frozenset(conditions.ab_test_groups)
        tests.append(lambda shopper: shopper.subject.ab_test_group in groups)
    if conditions.express is not None:
        wanted = conditions.express
        tests.append(lambda shopper: shopper.is_express is wanted)
    if conditions.flag is not None:
        key = conditions.flag
        tests.append(lambda shopper: shopper.flag_is_true(key))
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda shopper: all(test(shopper) for test in tests)
