"""Whom a rollout is meant for: tiers, segments and regions, compiled to one test in front of the hash.

Source: docs/spec/feature-flags.md#rollout.
"""

from quote_service.pricing.flags.decide import Evaluate
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.flags.flag import Rollout
from quote_service.pricing.regions import region_key


def is_targeted(rollout: Rollout) -> bool:
    """Whether the rollout names tiers, segments or regions."""
    return bool(rollout.customer_tiers or rollout.segments or rollout.regions)


def compile_targeting(rollout: Rollout, matched: Evaluate, no_match: Decision) -> Evaluate:
    """Each part that is given must hold, by any one of its values; then `matched` decides."""
    tiers = frozenset(rollout.customer_tiers or ())
    segments = frozenset(rollout.segments or ())
    regions = tuple({region_key(region): None for region in rollout.regions or ()})
    only_region = regions[0] if len(regions) == 1 else None
    many_regions = regions if len(regions) > 1 else ()

    def evaluate(subject: Subject) -> Decision:
        if tiers and subject.customer_tier not in tiers:
            return no_match
        if segments and segments.isdisjoint(subject.segments):
            return no_match
        if only_region is not None and only_region not in subject.regions:
            return no_match
        if many_regions and subject.regions.keys().isdisjoint(many_regions):
            return no_match
        return matched(subject)

    return evaluate
