"""A flag made ready for one stretch of time: a closure that hands out decisions made beforehand.

Windows, ramps and switches are settled when the closure is made, so an evaluation reads no clock. A flag is compiled
anew for each stretch (see `boundaries.py`), all of them in one swap.

Source: spec 6.
"""

from collections.abc import Callable, Iterator

import msgspec

from quote_service.domain.flags import PERCENTAGE_PLACES, FlagDraft, Rollout
from quote_service.domain.instants import to_micros
from quote_service.domain.literals import json_literal
from quote_service.domain.numbers import ExactNumber, scale_decimal
from quote_service.domain.regions import region_key
from quote_service.engine.flags.bucketing import BUCKETS, rollout_bucket, variant_point
from quote_service.engine.flags.decision import Decision, Reason, Subject

Evaluate = Callable[[Subject], Decision]


class CompiledFlag(msgspec.Struct, frozen=True):
    """A flag in force: `evaluate` costs well under a microsecond and never fails.

    `static` is the one decision for everybody, where there is but one; `wire_key` the key as JSON with its colon;
    `number` the flag's own value as an exact number where its type is NUMBER.
    """

    key: str
    version: int
    type: str
    is_enabled: bool
    expose_in_quote: bool
    wire_key: str
    evaluate: Evaluate
    static: Decision | None
    bucket_of: Callable[[Subject], int | None]


def flag_boundaries(draft: FlagDraft) -> Iterator[int]:
    """The instants, in microseconds, at which a flag may decide otherwise."""
    rollout = draft.rollout
    if rollout is not None:
        moments = [rollout.starts_at, rollout.ends_at, *(step.at for step in rollout.schedule or ())]
        yield from (to_micros(moment) for moment in moments if moment is not None)


def compile_flag(draft: FlagDraft, version: int, at_us: int) -> CompiledFlag:
    """Compile a flag that `domain.flags.flag_faults` found nothing wrong with, for the stretch of time around an instant."""
    outside_value = _outside_value(draft)
    static: Decision | None = None
    if not draft.is_enabled or not _is_running(draft.rollout, at_us):
        static = Decision(outside_value, "DISABLED")
    elif draft.type != "PERCENTAGE" and (draft.rollout is None or draft.rollout == Rollout()):
        static = _inside(draft, "STATIC")
    salt = (draft.salt or draft.key) + ":"
    unit_of = _unit_reader(draft.rollout)
    evaluate = _same_for_all(static) if static else _rollout(draft, salt, unit_of, outside_value, at_us)

    def bucket_of(subject: Subject) -> int | None:
        unit = unit_of(subject)
        return None if unit is None else rollout_bucket(salt + unit)

    return CompiledFlag(
        key=draft.key,
        version=version,
        type=draft.type,
        is_enabled=draft.is_enabled,
        expose_in_quote=draft.expose_in_quote,
        wire_key=json_literal(draft.key) + ":",
        evaluate=evaluate,
        static=static,
        bucket_of=bucket_of,
    )


def _same_for_all(decision: Decision) -> Evaluate:
    return lambda subject: decision


def _outside_value(draft: FlagDraft) -> str | None:
    if draft.type == "PERCENTAGE":
        return "false"
    if draft.default_value is not msgspec.UNSET:
        return json_literal(draft.default_value)
    return "false" if draft.type == "BOOLEAN" else None


def _inside(draft: FlagDraft, reason: Reason, variant: str | None = None, value: object = msgspec.UNSET) -> Decision:
    if draft.type == "PERCENTAGE":
        return Decision("true", reason, is_on=True, is_true=True)
    given = draft.value if value is msgspec.UNSET else value
    return Decision(json_literal(given), reason, variant, is_on=True, is_true=given is True)


def _is_running(rollout: Rollout | None, at_us: int) -> bool:
    if rollout is None:
        return True
    has_started = rollout.starts_at is None or to_micros(rollout.starts_at) <= at_us
    return has_started and (rollout.ends_at is None or at_us < to_micros(rollout.ends_at))


def _threshold(draft: FlagDraft, rollout: Rollout, at_us: int) -> int | None:
    """The share inside, in thousandths of a percent; None where none is given, so that everybody is inside.

    A ramp stands in the place of `percentage` once its first step is reached; before it `percentage` holds, or nobody
    is inside. A PERCENTAGE flag's own value must hold as well, which for one hash is the smaller of the two.
    """
    percentage = rollout.percentage
    if rollout.schedule:
        reached = [step.percentage for step in rollout.schedule if to_micros(step.at) <= at_us]
        percentage = reached[-1] if reached else rollout.percentage or ExactNumber(0)
    shares = [percentage, ExactNumber(draft.value) if draft.type == "PERCENTAGE" else None]
    given = [scale_decimal(share, PERCENTAGE_PLACES) for share in shares if share is not None]
    return min(given, default=None)


def _unit_reader(rollout: Rollout | None) -> Callable[[Subject], str | None]:
    stickiness = rollout.stickiness if rollout else None
    if stickiness is None or stickiness == "customer_id":
        return lambda subject: subject.customer_id

    def attribute(subject: Subject) -> str | None:
        return subject.attributes.get(stickiness) if subject.attributes else None

    return attribute


def _rollout(
    draft: FlagDraft, salt: str, unit_of: Callable[[Subject], str | None], outside_value: str | None, at_us: int
) -> Evaluate:
    """The closure for a flag that is not the same for everybody."""
    rollout = draft.rollout or Rollout()
    segments = frozenset(rollout.user_segments or ())
    tiers = frozenset(rollout.customer_tiers or ())
    regions = frozenset(region_key(region) for region in rollout.regions or ())
    is_targeted = bool(segments or tiers or regions)
    threshold = _threshold(draft, rollout, at_us)
    is_split = threshold is not None and threshold < BUCKETS
    needs_unit = is_split or bool(rollout.variants)
    no_match = Decision(outside_value, "DEFAULT")
    split_out = Decision(outside_value, "SPLIT")
    matched: Reason = "TARGETING_MATCH" if is_targeted else "STATIC"
    inside = _inside(draft, "SPLIT" if threshold is not None else matched)
    arms = _arms(draft, rollout)
    whole_weight = arms[-1][0] if arms else 0
    named = {
        variant.key: _inside(draft, "TARGETING_MATCH", variant.key, variant.value) for variant in rollout.variants or ()
    }
    overrides = {str(customer): named[key] for customer, key in (rollout.overrides or {}).items()}
    accepts_group = (rollout.accept_group or draft.accept_group) and bool(named)
    has_choices = bool(overrides) or accepts_group
    sticks_to_customer = rollout.stickiness in (None, "customer_id")

    def evaluate(subject: Subject) -> Decision:
        if has_choices:
            chosen = overrides.get(subject.customer_id)
            if chosen is None and accepts_group and subject.ab_test_group is not None:
                chosen = named.get(subject.ab_test_group)
            if chosen is not None:
                return chosen
        if is_targeted:
            if tiers and subject.customer_tier not in tiers:
                return no_match
            if segments and segments.isdisjoint(subject.segments):
                return no_match
            if regions and regions.isdisjoint(subject.regions):
                return no_match
        if not needs_unit:
            return inside
        unit = subject.customer_id if sticks_to_customer else unit_of(subject)
        if unit is None:
            return no_match
        salted = salt + unit
        if is_split and rollout_bucket(salted) >= threshold:  # type: ignore[operator]  # is_split says it is an int
            return split_out
        if arms:
            point = variant_point(salted, whole_weight)
            for upper, decision in arms:
                if point < upper:
                    return decision
        return inside

    return evaluate


def _arms(draft: FlagDraft, rollout: Rollout) -> list[tuple[int, Decision]]:
    """The variants with their cumulative weights; the hash decides between them."""
    arms, upper = [], 0
    for variant in rollout.variants or ():
        upper += variant.weight
        arms.append((upper, _inside(draft, "SPLIT", variant.key, variant.value)))
    return arms
