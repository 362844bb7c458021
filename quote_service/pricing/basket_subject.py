"""The customer of a basket as flags and conditions see one.

Source: docs/spec/feature-flags.md#evaluation.
"""

from collections.abc import Mapping

from quote_service.pricing.basket import Basket
from quote_service.pricing.flags.decision import Subject


def subject_of(basket: Basket, regions: Mapping[str, int]) -> Subject:
    """Who asks for a basket, at an address in these regions."""
    return Subject(
        basket.customer_id,
        basket.customer_tier,
        basket.customer_segments or [],
        regions,
        basket.context.ab_test_group if basket.context is not None else None,
    )
