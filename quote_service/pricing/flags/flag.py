"""A feature flag as an admin writes it.

Source: docs/spec/feature-flags.md#types-and-values; docs/spec/feature-flags.md#rollout;
docs/spec/feature-flags.md#bucketing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.system.errors import Fault
from quote_service.pricing.flags.guardrails import FlagGuardrail, guardrail_faults
from quote_service.pricing.regions import RegionUnreadable, region_key

FlagType = Literal["BOOLEAN", "STRING", "NUMBER", "JSON", "PERCENTAGE"]
Algorithm = Literal["mm3-v1", "unleash", "growthbook-v1", "growthbook-v2"]
FlagState = Literal["ACTIVE", "ROLLED_BACK"]
FlagKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,50}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
# An empty list would match nobody, which is hardly ever meant: whoever asks for no one in particular leaves it out.
Texts = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]], msgspec.Meta(min_length=1, max_length=10_000)
]

PERCENTAGE_PLACES = 3  # steps of 0.001
# What the buckets of each algorithm can distinguish, in thousandths of a percent.
_STEPS: dict[Algorithm, int] = {"mm3-v1": 1, "unleash": 1000, "growthbook-v1": 100, "growthbook-v2": 10}
# The path of a flag by its key would be that of another route, or be read as "here" or "up".
_KEYS_OF_NO_PATH = ("key", ".", "..")


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One arm: customers inside the rollout are split among the arms by weight."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """Name of the variant, unique within the flag."""
    value: Any
    """What customers in this variant get; it has to fit the flag's type."""
    weight: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    """Share of the customers, in proportion to the other variants' weights."""


class RampStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `at` on the percentage is this."""

    at: Moment
    """When this step begins."""
    percentage: ExactNumber
    """Share of customers from then on, in percent from 0 to 100, in steps of 0.001."""


class Rollout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Who is inside; all parts are optional, and those given must all hold."""

    percentage: ExactNumber | None = None
    """Share of customers, in percent from 0 to 100, in steps of 0.001; null for all."""
    customer_segments: Texts | None = None
    """Only customers in at least one of these segments."""
    user_segments: Texts | None = None
    """Older name of `customer_segments`; one of the two may be given."""
    customer_tiers: Texts | None = None
    """Only customers of these tiers."""
    regions: Texts | None = None
    """Only deliveries to these regions: paths such as `TR/Istanbul`, or names of cities or districts."""
    starts_at: Moment | None = None
    """When the rollout begins; null for at once."""
    ends_at: Moment | None = None
    """When the rollout ends; null for never. Must be after `starts_at`."""
    schedule: Annotated[list[RampStep], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    """Steps that raise or lower the percentage over time, ascending by `at`."""
    variants: Annotated[list[Variant], msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Variants that the customers inside the rollout are divided among, by weight."""
    overrides: dict[UUID, str] | None = None
    """Variants that are fixed for single customers, as variant keys by customer id."""
    accept_group: bool = False
    """Whether `context.ab_test_group` of a quote, where it names a variant, chooses that variant."""
    stickiness: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Attribute that is hashed instead of the customer id; null for the customer id."""

    @property
    def segments(self) -> list[str] | None:
        """The segments by whichever name they were given."""
        return self.customer_segments or self.user_segments


class FlagDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flag as it is sent and stored. Without `default_value`: false for BOOLEAN, no value for the others."""

    key: FlagKey
    """Name of the flag in code, unique: letters, digits, `.`, `_` and `-`."""
    type: FlagType
    """What the flag's values are; `PERCENTAGE` is true for a share of customers."""
    value: Any
    """What customers inside the rollout get; it has to fit `type`. For `PERCENTAGE`, the share of customers in percent
    from 0 to 100.
    """
    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """Name of the flag for people."""
    description: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    """What the flag is for."""
    is_enabled: bool = False
    """Whether the flag is on; while it is off everybody gets the default."""
    rollout: Rollout | None = None
    """Who is inside; null for everybody."""
    default_value: Any = msgspec.UNSET
    """What customers outside the rollout get; it has to fit `type`. Left out, it is `false` for `BOOLEAN` and no value
    for the others.
    """
    expose_in_quote: bool = True
    """Whether quotes show the flag in `feature_flags`."""
    accept_group: bool = False
    """Whether `context.ab_test_group` of a quote, where it names a variant, chooses that variant."""
    salt: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Text that is hashed together with the customer id; null for the key. It cannot change later."""
    algorithm: Algorithm = "mm3-v1"
    """How customers are assigned to buckets. It cannot change later."""
    guardrails: Annotated[list[FlagGuardrail], msgspec.Meta(min_length=1)] | None = None
    """What must not get worse for the customers who get the flag; if it is shown to, the flag is rolled back. Null for none."""


def flag_faults(draft: FlagDraft) -> Iterator[Fault]:
    """Everything about a well-formed flag that is refused; pointers are relative to the flag."""
    # The `$` of a pattern lets a line end through.
    if draft.key in _KEYS_OF_NO_PATH or draft.key.endswith("\n"):
        yield Fault("/key", "cannot be used in a path; choose another")
    yield from _value_faults(draft.type, draft.value, "/value")
    if draft.default_value is not msgspec.UNSET and draft.type != "PERCENTAGE":
        yield from _value_faults(draft.type, draft.default_value, "/default_value")
    elif draft.default_value is not msgspec.UNSET:
        yield Fault("/default_value", "must be left out for a PERCENTAGE flag")
    rollout = draft.rollout or Rollout()
    if rollout.customer_segments is not None and rollout.user_segments is not None:
        yield Fault("/rollout/user_segments", "is another name of customer_segments; give only one of them")
    yield from _percentage_faults(rollout.percentage, "/rollout/percentage")
    for index, region in enumerate(rollout.regions or ()):
        try:
            region_key(region)
        except RegionUnreadable as unreadable:
            yield Fault(f"/rollout/regions/{index}", str(unreadable))
    if rollout.starts_at is not None and rollout.ends_at is not None and rollout.ends_at <= rollout.starts_at:
        yield Fault("/rollout/ends_at", "must be after starts_at")
    yield from _schedule_faults(rollout.schedule or [])
    yield from _variant_faults(draft.type, rollout)
    yield from _step_faults(draft, rollout)
    yield from guardrail_faults(draft.guardrails or [])
    if draft.guardrails and rollout.stickiness not in (None, "customer_id"):
        yield Fault("/guardrails", "need a flag that is split by customer; leave out rollout.stickiness")


def _value_faults(kind: FlagType, value: Any, pointer: str) -> Iterator[Fault]:
    if kind == "PERCENTAGE":
        if value is None:
            yield Fault(pointer, "must be a percentage from 0 to 100")
        else:
            yield from _percentage_faults(value, pointer)
        return
    is_number = isinstance(value, (int, ExactNumber)) and not isinstance(value, bool)
    fits = {"BOOLEAN": isinstance(value, bool), "STRING": isinstance(value, str), "NUMBER": is_number, "JSON": True}
    if not fits[kind]:
        yield Fault(pointer, f"does not fit the type {kind}")


def _percentage_faults(value: Any, pointer: str) -> Iterator[Fault]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, ExactNumber)) or not 0 <= value <= 100:
        yield Fault(pointer, "must be a percentage from 0 to 100")
        return
    try:
        scale_decimal(ExactNumber(value), PERCENTAGE_PLACES)
    except NotANumber:
        yield Fault(pointer, "must be a multiple of 0.001")


def _schedule_faults(schedule: list[RampStep]) -> Iterator[Fault]:
    for index, step in enumerate(schedule):
        yield from _percentage_faults(step.percentage, f"/rollout/schedule/{index}/percentage")
        if index and step.at <= schedule[index - 1].at:
            yield Fault(f"/rollout/schedule/{index}/at", "the steps of a ramp must ascend")


def _variant_faults(kind: FlagType, rollout: Rollout) -> Iterator[Fault]:
    variants = rollout.variants or []
    keys = [variant.key for variant in variants]
    for index, variant in enumerate(variants):
        if variant.key in keys[:index]:
            yield Fault(f"/rollout/variants/{index}/key", "is already used by another variant")
        if kind == "PERCENTAGE":
            yield Fault(f"/rollout/variants/{index}", "is not allowed for a PERCENTAGE flag")
        else:
            yield from _value_faults(kind, variant.value, f"/rollout/variants/{index}/value")
    if variants and not any(variant.weight for variant in variants):
        yield Fault("/rollout/variants", "at least one weight must be above 0")
    for customer, key in (rollout.overrides or {}).items():
        if key not in keys:
            yield Fault(f"/rollout/overrides/{customer}", "is not a variant of this flag")


def _step_faults(draft: FlagDraft, rollout: Rollout) -> Iterator[Fault]:
    """A share finer than the algorithm's buckets would be another share than the one that is written."""
    step = _STEPS[draft.algorithm]
    shares = {"/rollout/percentage": rollout.percentage}
    if draft.type == "PERCENTAGE" and isinstance(draft.value, (int, ExactNumber)):
        shares["/value"] = ExactNumber(draft.value)
    for index, ramp_step in enumerate(rollout.schedule or ()):
        shares[f"/rollout/schedule/{index}/percentage"] = ramp_step.percentage
    for pointer, share in shares.items():
        # What is no percentage at all, or finer than any algorithm takes, has been named already.
        if share is not None and not any(_percentage_faults(share, pointer)):
            if scale_decimal(share, PERCENTAGE_PLACES) % step:
                yield Fault(pointer, f"with the algorithm {draft.algorithm}, must be a multiple of {step / 1000:g}")
