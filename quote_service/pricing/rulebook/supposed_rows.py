"""A rulebook as it would be with some rows more: just written ones that have not come round yet, or drafts.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Sequence

from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.regions import region_key
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule


def with_rows(rulebook: Rulebook, rules: Sequence[StoredRule], rates: Sequence[StoredRate]) -> Rulebook:
    """The rulebook with these rows added, or put in the place of those with their ids; the given one stays as it is."""
    changes = RulebookChanges(
        version=rulebook.version,
        is_complete=False,
        rates=list(rates),
        ended_rate_ids=[],
        rules=list(rules),
        flags=[],
        exhaustions=[],
    )
    return apply_changes(rulebook, changes)


def stored_rule(draft: RuleDraft, rule_id: str, version: int, at_us: int) -> StoredRule:
    """A rule without faults as it would be stored at an instant."""
    return StoredRule(
        id=rule_id,
        version=version,
        draft=draft,
        region_key=region_key(draft.region),
        created_by="",
        created_at_us=at_us,
        changed_in=0,
    )


def stored_rate(draft: RateDraft, rate_id: str, at_us: int) -> StoredRate:
    """A rate without faults as it would be stored at an instant."""
    return StoredRate(
        id=rate_id,
        seller_id=str(draft.seller_id) if draft.seller_id else None,
        category_id=str(draft.category_id) if draft.category_id else None,
        logistics_provider=draft.logistics_provider,
        commission_type=draft.commission_type,
        rate=draft.rate,
        min_amount=draft.min_amount,
        max_amount=draft.max_amount,
        tiers=tuple(draft.tiers) if draft.tiers else None,
        scope=draft.scope,
        split=tuple(draft.split.items()) if draft.split else None,
        currency=draft.currency,
        region=draft.region,
        region_key=region_key(draft.region),
        effective_from_us=to_micros(draft.effective_from) if draft.effective_from else at_us,
        effective_to_us=to_micros(draft.effective_to) if draft.effective_to else FOREVER,
        priority=draft.priority,
        changed_in=0,
    )
