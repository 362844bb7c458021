"""What a flag decides for somebody, and why; and what is known of that somebody.

Source: docs/spec/feature-flags.md#evaluation.
"""

from collections.abc import Mapping

import msgspec

from quote_service.pricing.flags.flag_evaluation import Reason


class Decision(msgspec.Struct, frozen=True, gc=False, eq=False):
    """One outcome of the flag `key`, made when that is compiled and handed out as it is.

    `value` is the literal that an admin wrote, None where the flag has no value; `is_on` says that the unit is inside the
    rollout, `is_true` that a rule conditioned on the flag holds. `lacks_unit` tells the default of a subject that the hash
    would have decided about, had it a unit.
    """

    key: str
    value: str | None
    reason: Reason
    variant: str | None = None
    is_on: bool = False
    is_true: bool = False
    lacks_unit: bool = False


class Subject(msgspec.Struct, gc=False):
    """Whom a flag is evaluated for: a customer at a place, as far as known.

    `regions` are the keys of the regions that contain the address; `attributes` those that a flag may use in
    the customer's place for stickiness. A visitor who is no customer yet has no `customer_id`.
    """

    customer_id: str | None
    customer_tier: str | None
    segments: list[str]
    regions: Mapping[str, int]
    ab_test_group: str | None = None
    attributes: Mapping[str, str] | None = None
