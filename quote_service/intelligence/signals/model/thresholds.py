"""From which figure on signals are raised: for a product, a category with what is below it, or everything.

Source: docs/spec/signals.md#thresholds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES, Factor, Percent
from quote_service.platform.system.errors import Conflict, Fault

THRESHOLDS_MAX = 10_000
_THRESHOLD_MAX = 10_000
_PERCENT_MAX = 100
_DAY: Final = 86_400
_PERCENT_KINDS: Final[frozenset[SignalKind]] = frozenset({"competitor_price_drop"})

Count = Annotated[int, msgspec.Meta(ge=2, le=10_000)]
WindowSeconds = Annotated[int, msgspec.Meta(ge=60, le=30 * _DAY)]
ExpirySeconds = Annotated[int, msgspec.Meta(ge=60, le=365 * _DAY)]


class ThresholdExists(Conflict):
    code = "threshold-exists"
    title = "Threshold exists"


class TooManyThresholds(Conflict):
    code = "too-many-thresholds"
    title = "Too many thresholds"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of signal is raised by."""

    kind: SignalKind
    """The kind of signal."""
    is_enabled: bool = True
    """Whether it is raised at all."""
    threshold: ExactNumber | None = None
    """From which figure on: percent, units (below it), or times the usual; null where the kind has none."""
    count: int | None = None
    """Undercuts of a price war, or the fewest units of a surge; null where the kind has none."""
    window_seconds: int | None = None
    """Within which time they count; null where the kind has none."""
    rearm_percent: ExactNumber = ExactNumber("50")
    """How much of it must be undone before it is raised again."""
    expires_seconds: int = 7 * _DAY
    """How long a signal counts if it does not happen again."""


#: Without a threshold of their own. A rise is news as soon as a drop is; a war is over when nobody has undercut for a day.
DEFAULTS: Mapping[SignalKind, Rule] = MappingProxyType(
    {
        rule.kind: rule
        for rule in (
            Rule(kind="competitor_price_drop", threshold=ExactNumber("15")),
            Rule(kind="competitor_price_rise", threshold=ExactNumber("15")),
            Rule(kind="price_change", threshold=ExactNumber("10")),
            Rule(kind="demand_surge", threshold=ExactNumber("2"), count=10, window_seconds=_DAY, expires_seconds=_DAY),
            Rule(kind="low_inventory", threshold=ExactNumber("10")),
            Rule(kind="price_anomaly"),
            Rule(kind="source_stale"),
            Rule(kind="price_war", count=4, window_seconds=_DAY, expires_seconds=_DAY),
        )
    }
)


class ThresholdDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A threshold as it is written. What is left out is as it is without a threshold."""

    kind: SignalKind
    """The kind of signal."""
    product_id: UUID | None = None
    """The product that it is for."""
    category_id: UUID | None = None
    """The category that it is for, with those below it. Without a product or category it is for everything."""
    is_enabled: bool = True
    """Whether signals of this kind are raised."""
    threshold: Factor | None = None
    """From which figure on: percent of the price before, units in stock (below it), or times the usual sales."""
    count: Count | None = None
    """Undercuts that make a price war, or the fewest units sold that make a surge."""
    window_seconds: WindowSeconds | None = None
    """Within which time undercuts count, or over which time sales are added up."""
    rearm_percent: Percent | None = None
    """How much of it must be undone before it is raised again: half of a drop for `50`."""
    expires_seconds: ExpirySeconds | None = None
    """How long a signal counts if it does not happen again."""


class ThresholdRecord(Rule, frozen=True, kw_only=True):
    """A threshold as it is kept."""

    id: UUID
    """Identifies the threshold."""
    product_id: UUID | None
    """The product that it is for."""
    category_id: UUID | None
    """The category that it is for, with those below it; everything if there is neither."""
    version: int
    """Version of the threshold, from 1; it goes up with every change, and `ETag` follows it."""
    created_at: datetime
    """When the threshold was created."""
    updated_at: datetime
    """When the threshold was last changed."""
    created_by: str
    """Id of the person or API key that created the threshold."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of the person or API key that last changed the threshold."""


class EffectiveThreshold(Rule, frozen=True, kw_only=True):
    """What a kind of signal is raised by, and where that is set."""

    scope: Literal["built_in", "everything", "category", "product"]
    """What the figures are set for: the product, its nearest category, everything, or by default."""
    threshold_id: UUID | None
    """Id of the threshold that sets them; null for the built-in figures."""


class EffectiveFilters(msgspec.Struct, frozen=True):
    """For what the thresholds in force are shown: a product, a category, or everything that has none of its own."""

    product_id: UUID | None = None
    """For this product."""
    category_id: UUID | None = None
    """For products of this category without thresholds of their own."""


class ThresholdFilters(msgspec.Struct, frozen=True):
    """Which thresholds to list."""

    kind: SignalKind | None = None
    """Only thresholds of this kind of signal."""
    product_id: UUID | None = None
    """Only thresholds for this product."""
    category_id: UUID | None = None
    """Only thresholds for this category."""


def threshold_faults(draft: ThresholdDraft) -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft."""
    return tuple(_faults(draft))


def rule_of(draft: ThresholdDraft) -> Rule:
    """The whole rule of a draft without faults."""
    base = DEFAULTS[draft.kind]
    given = {
        name: getattr(draft, name)
        for name in ("threshold", "count", "window_seconds", "rearm_percent", "expires_seconds")
        if getattr(draft, name) is not None
    }
    return msgspec.structs.replace(base, is_enabled=draft.is_enabled, **given)


def rule_for(
    kind: SignalKind, scoped: Iterable[ThresholdRecord], product_id: UUID | None, path: Sequence[UUID]
) -> Rule:
    """The rule that counts: of the product, else of the nearest category, else of everything, else the built-in one.

    Args:
        kind: Of signal.
        scoped: Thresholds, of this kind or others.
        product_id: Ours; None where it is about no single one.
        path: Ids of the product's category and of those above it, the nearest first.
    """
    nearness: dict[UUID | None, int] = {None: len(path)}
    nearness.update({category: place for place, category in enumerate(path)})
    found: tuple[int, Rule] | None = None
    for each in scoped:
        if each.kind != kind:
            continue
        if each.product_id is not None:
            place = -1 if each.product_id == product_id else None
        else:
            place = nearness.get(each.category_id)
        if place is not None and (found is None or place < found[0]):
            found = place, each
    return DEFAULTS[kind] if found is None else found[1]


def effective(rule: Rule) -> EffectiveThreshold:
    """A rule that counts (`rule_for`), with where it is set."""
    figures = {field: getattr(rule, field) for field in Rule.__struct_fields__}
    if not isinstance(rule, ThresholdRecord):
        return EffectiveThreshold(**figures, scope="built_in", threshold_id=None)
    scope: Literal["product", "category", "everything"] = "everything"
    if rule.product_id is not None:
        scope = "product"
    elif rule.category_id is not None:
        scope = "category"
    return EffectiveThreshold(**figures, scope=scope, threshold_id=rule.id)


def _faults(draft: ThresholdDraft) -> Iterator[Fault]:
    if draft.product_id is not None and draft.category_id is not None:
        yield Fault("/category_id", "must be left out where there is a product_id")
    if draft.kind == "source_stale" and (draft.product_id is not None or draft.category_id is not None):
        yield Fault("/kind", "is about sources, which have no product or category")
    base = DEFAULTS[draft.kind]
    for name in ("threshold", "count", "window_seconds"):
        if getattr(draft, name) is not None and getattr(base, name) is None:
            yield Fault(f"/{name}", f"does not belong to `{draft.kind}`")
    yield from _number_faults(draft, base)


def _number_faults(draft: ThresholdDraft, base: Rule) -> Iterator[Fault]:
    for name, number in (("threshold", draft.threshold), ("rearm_percent", draft.rearm_percent)):
        if number is None:
            continue
        try:
            scale_decimal(number, FACTOR_PLACES)
        except NotANumber as fault:
            yield Fault(f"/{name}", str(fault))
    if draft.rearm_percent is not None and not 0 <= draft.rearm_percent <= _PERCENT_MAX:
        yield Fault("/rearm_percent", "must be from 0 to 100")
    if draft.threshold is None or base.threshold is None:
        return
    if not 0 < draft.threshold <= _THRESHOLD_MAX:
        yield Fault("/threshold", "must be more than 0, and at most 10000")
    elif draft.kind in _PERCENT_KINDS and draft.threshold > _PERCENT_MAX:
        yield Fault("/threshold", "must be at most 100: no price falls by more")
    elif draft.kind == "demand_surge" and draft.threshold <= Decimal(1):
        yield Fault("/threshold", "must be more than 1: usual sales are no surge")
