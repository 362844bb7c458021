"""A flag made ready for one stretch of time: a closure that hands out decisions made beforehand.

Windows, ramps and switches are settled when the closure is made, so an evaluation reads no clock. A flag is compiled
again for each stretch (see `pricing/rulebook/effective_period.py`), all of them in one swap.

Source: docs/spec/feature-flags.md.
"""

from collections.abc import Callable, Iterator

import msgspec

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.bucketing.algorithms import BUCKETINGS
from quote_service.pricing.flags.bucketing.deal import everybody
from quote_service.pricing.flags.decide import Evaluate, by_attribute, by_choice, by_customer, same_for_all
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.flags.flag import PERCENTAGE_PLACES, FlagDraft, FlagState, Rollout
from quote_service.pricing.flags.flag_evaluation import Reason
from quote_service.pricing.flags.targeting import compile_targeting, is_targeted

_NO_ROLLOUT = Rollout()


class CompiledFlag(msgspec.Struct, frozen=True):
    """A flag in force: `evaluate` costs well under a microsecond and never fails.

    `static` is the one decision for everybody, where there is but one; `bucket_of` tells the bucket that a subject falls in,
    None for one without the unit that the flag goes by: the customer's id, or the attribute `stickiness`.
    """

    key: str
    version: int
    type: str
    is_enabled: bool
    expose_in_quote: bool
    evaluate: Evaluate
    static: Decision | None
    stickiness: str | None
    bucket_of: Callable[[Subject], int | None]


def flag_boundaries(draft: FlagDraft) -> Iterator[int]:
    """The instants, in microseconds, at which a flag may decide otherwise."""
    rollout = draft.rollout
    if rollout is not None:
        moments = [rollout.starts_at, rollout.ends_at, *(step.at for step in rollout.schedule or ())]
        yield from (to_micros(moment) for moment in moments if moment is not None)


def compile_flag(draft: FlagDraft, version: int, at_us: int, state: FlagState = "ACTIVE") -> CompiledFlag:
    """Compile a flag that `flag_faults` found nothing wrong with, for the time around an instant."""
    is_enabled = draft.is_enabled and state == "ACTIVE"
    static = _decision_for_all(draft, at_us, is_enabled=is_enabled)
    return CompiledFlag(
        key=draft.key,
        version=version,
        type=draft.type,
        is_enabled=is_enabled,
        expose_in_quote=draft.expose_in_quote,
        evaluate=same_for_all(static) if static else _rollout(draft, draft.rollout or _NO_ROLLOUT, at_us),
        static=static,
        stickiness=_stickiness(draft.rollout or _NO_ROLLOUT),
        bucket_of=_bucket_reader(draft),
    )


def _decision_for_all(draft: FlagDraft, at_us: int, *, is_enabled: bool) -> Decision | None:
    if not is_enabled or not _is_running(draft.rollout, at_us):
        return _outside(draft, "DISABLED")
    if draft.type != "PERCENTAGE" and (draft.rollout is None or draft.rollout == _NO_ROLLOUT):
        return _inside(draft, "STATIC")
    return None


def _outside(draft: FlagDraft, reason: Reason) -> Decision:
    if draft.default_value is not msgspec.UNSET:
        return _decide(draft, json_literal(draft.default_value), reason, is_true=draft.default_value is True)
    return _decide(draft, "false" if draft.type in ("BOOLEAN", "PERCENTAGE") else None, reason)


def _inside(draft: FlagDraft, reason: Reason, variant: str | None = None, value: object = msgspec.UNSET) -> Decision:
    if draft.type == "PERCENTAGE":
        return _decide(draft, "true", reason, is_on=True, is_true=True)
    given = draft.value if value is msgspec.UNSET else value
    return _decide(draft, json_literal(given), reason, variant, is_on=True, is_true=given is True)


def _decide(
    draft: FlagDraft,
    value: str | None,
    reason: Reason,
    variant: str | None = None,
    *,
    is_on: bool = False,
    is_true: bool = False,
) -> Decision:
    return Decision(draft.key, value, reason, variant, is_on, is_true)


def _is_running(rollout: Rollout | None, at_us: int) -> bool:
    if rollout is None:
        return True
    has_started = rollout.starts_at is None or to_micros(rollout.starts_at) <= at_us
    return has_started and (rollout.ends_at is None or at_us < to_micros(rollout.ends_at))


def share_inside(draft: FlagDraft, rollout: Rollout, at_us: int) -> int | None:
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


def _stickiness(rollout: Rollout) -> str | None:
    return None if rollout.stickiness == "customer_id" else rollout.stickiness


def _unit_reader(rollout: Rollout) -> Callable[[Subject], str | None] | None:
    """How to read the unit that the hash goes by; None for the customer's id."""
    stickiness = _stickiness(rollout)
    if stickiness is None:
        return None
    return lambda subject: subject.attributes.get(stickiness) if subject.attributes else None


def _bucket_reader(draft: FlagDraft) -> Callable[[Subject], int | None]:
    bucket = BUCKETINGS[draft.algorithm].make_bucket(draft.salt or draft.key)
    unit_of = _unit_reader(draft.rollout or _NO_ROLLOUT)

    def bucket_of(subject: Subject) -> int | None:
        unit = unit_of(subject) if unit_of else subject.customer_id
        return bucket(unit) if unit else None

    return bucket_of


def _rollout(draft: FlagDraft, rollout: Rollout, at_us: int) -> Evaluate:
    """The closure for a flag that is not the same for everybody: who is chosen, then who is meant, then the hash."""
    no_match = _outside(draft, "DEFAULT")
    evaluate = _draw(draft, rollout, no_match, at_us)
    if is_targeted(rollout):
        evaluate = compile_targeting(rollout, evaluate, no_match)
    return _choices(draft, rollout, evaluate) if rollout.variants else evaluate


def _draw(draft: FlagDraft, rollout: Rollout, no_match: Decision, at_us: int) -> Evaluate:
    """The hash decides. A unit that is missing or empty is nobody's, and gets the default."""
    share = share_inside(draft, rollout, at_us)
    variants = rollout.variants or []
    dealt = [variant for variant in variants if variant.weight]
    if share is None and len(dealt) <= 1:
        reason: Reason = "TARGETING_MATCH" if is_targeted(rollout) else "STATIC"
        only = [_inside(draft, reason, variant.key, variant.value) for variant in dealt]
        return same_for_all(only[0] if only else _inside(draft, reason))
    arms = [_inside(draft, "SPLIT", variant.key, variant.value) for variant in variants]
    # The outcome of a unit outside stands last, where the deal's OUTSIDE points.
    outcomes = (*(arms or [_inside(draft, "SPLIT")]), _outside(draft, "SPLIT"))
    weights = [variant.weight for variant in variants]
    bucketing = BUCKETINGS[draft.algorithm]
    deal = bucketing.make_deal(draft.salt or draft.key, share, weights)
    asks_everybody = bucketing.asks_for_named_units and rollout.stickiness is not None
    if share == 0 or (deal is everybody and not asks_everybody):
        return same_for_all(outcomes[-1] if share == 0 else outcomes[0])
    unit_of, no_unit = _unit_reader(rollout), msgspec.structs.replace(no_match, lacks_unit=True)
    return by_attribute(unit_of, deal, outcomes, no_unit) if unit_of else by_customer(deal, outcomes, no_unit)


def _choices(draft: FlagDraft, rollout: Rollout, otherwise: Evaluate) -> Evaluate:
    """A variant given to a customer by name comes before everything else, but for the switch and the window."""
    named = {
        variant.key: _inside(draft, "TARGETING_MATCH", variant.key, variant.value) for variant in rollout.variants or ()
    }
    chosen_for = {str(customer): named[key] for customer, key in (rollout.overrides or {}).items()}
    by_group = named if rollout.accept_group or draft.accept_group else {}
    return by_choice(chosen_for, by_group, otherwise) if chosen_for or by_group else otherwise
