"""Every condition is known where conditions are compiled, explained and checked.

Source: docs/spec/pricing-rules.md#conditions.
"""

import msgspec

from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS

BOUNDS_AND_TIMES = {"includes_children", "min_subtotal", "max_subtotal", "weekdays", "time_of_day", "timezone"}


def test_every_condition_is_in_a_table_or_a_bound_or_a_time() -> None:
    fields = [field.name for field in msgspec.structs.fields(Conditions)]
    assert sorted(fields) == sorted([*LINE_CONDITIONS, *SHOPPER_CONDITIONS, *BOUNDS_AND_TIMES])
