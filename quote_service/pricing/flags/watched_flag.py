"""A flag whose customers are compared: which arm a customer is in, where the hash put them there.

Of a flag with two or more variants that have weight the arms are these, and the first one is the control. Of any other the arms are
`on` and `off`: everybody inside, and as many of those outside. Customers whom something else than the hash decided about are in
no arm, since nothing makes them comparable.

Those of `off` have the last buckets, so a share that rises takes nobody from one arm to the other until it passes one half. What
does, or lowers the share, begins another stage: its customers and figures are counted again.

Source: docs/spec/experiments.md#arms.
"""

from collections.abc import Callable
from typing import Final

from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.bucketing.algorithms import BUCKETINGS
from quote_service.pricing.flags.bucketing.deal import WHOLE
from quote_service.pricing.flags.compiled_flag import CompiledFlag, share_inside
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.flag import Algorithm, FlagDraft, Rollout, Variant
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.flags.targeting import is_targeted

ON: Final = "on"
OFF: Final = "off"
# The first bucket of each algorithm, and how many there are.
_BUCKETS: Final[dict[Algorithm, tuple[int, int]]] = {
    "mm3-v1": (0, WHOLE),
    "unleash": (1, 100),
    "growthbook-v1": (0, 1000),
    "growthbook-v2": (0, 10_000),
}

Epoch = tuple[str, int, int]
Arms = tuple[tuple[str, int], ...]


class WatchedFlag:
    """`epoch` is the flag's id, version and stage; `arms` have their planned weights, the control first."""

    __slots__ = ("arm_of", "arms", "epoch")

    def __init__(self, epoch: Epoch, arms: Arms, arm_of: Callable[[Subject], str | None]) -> None:
        self.epoch = epoch
        self.arms = arms
        self.arm_of = arm_of


def watch_flag(stored: StoredFlag, flag: CompiledFlag, at_us: int) -> WatchedFlag | None:
    """The flag as it is watched around an instant; None where no hash splits its customers in two."""
    if flag.static is not None or flag.stickiness is not None:
        return None
    draft = stored.draft
    rollout = draft.rollout or Rollout()
    share = share_inside(draft, rollout, at_us)
    if share == 0:
        return None
    dealt = [variant for variant in rollout.variants or () if variant.weight]
    epoch = (stored.id, stored.version, _stage(draft, rollout, dealt, at_us))
    if len(dealt) > 1:
        return WatchedFlag(epoch, tuple((variant.key, variant.weight) for variant in dealt), _arm_by_variant(flag))
    if share is None or share >= WHOLE:
        return None
    compared = min(share, WHOLE - share)
    arms = ((OFF, 1), (ON, 1)) if share == compared else ((OFF, compared), (ON, share))
    first, count = _BUCKETS[draft.algorithm]
    off_from = first + count - compared * count // WHOLE
    if draft.algorithm == "mm3-v1" and not rollout.variants and not is_targeted(rollout):
        return WatchedFlag(
            epoch, arms, _arm_by_bucket(BUCKETINGS["mm3-v1"].make_bucket(draft.salt or draft.key), share, off_from)
        )
    return WatchedFlag(epoch, arms, _arm_by_side(flag, off_from))


def _arm_by_variant(flag: CompiledFlag) -> Callable[[Subject], str | None]:
    evaluate = flag.evaluate

    def arm_of(subject: Subject) -> str | None:
        decision = evaluate(subject)
        return decision.variant if decision.reason == "SPLIT" else None

    return arm_of


def _arm_by_bucket(bucket_of: Callable[[str], int], on_below: int, off_from: int) -> Callable[[Subject], str | None]:
    """Of a flag by which nothing but its one hash decides, and both sides are read off the same bucket."""

    def arm_of(subject: Subject) -> str | None:
        unit = subject.customer_id
        if not unit:
            return None
        bucket = bucket_of(unit)
        if bucket < on_below:
            return ON
        return OFF if bucket >= off_from else None

    return arm_of


def _arm_by_side(flag: CompiledFlag, off_from: int) -> Callable[[Subject], str | None]:
    evaluate, bucket_of = flag.evaluate, flag.bucket_of

    def arm_of(subject: Subject) -> str | None:
        decision = evaluate(subject)
        if decision.reason != "SPLIT":
            return None
        if decision.is_on:
            return ON
        bucket = bucket_of(subject)
        return OFF if bucket is not None and bucket >= off_from else None

    return arm_of


def _stage(draft: FlagDraft, rollout: Rollout, dealt: list[Variant], at_us: int) -> int:
    """How often a ramp has taken customers from one arm to another, or out, until an instant."""
    stage = 0
    before: int | None = None
    for step in rollout.schedule or ():
        step_us = to_micros(step.at)
        if step_us > at_us:
            break
        if before is None:
            before = share_inside(draft, rollout, step_us - 1)
        share = share_inside(draft, rollout, step_us)
        if share is not None and before is not None and share != before:
            stage += share < before or (share * 2 > WHOLE and len(dealt) < 2)
        before = share
    return stage
