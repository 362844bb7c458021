"""Toggles of Unleash: those that clients are sent (`/api/client/features`), or an export of one environment.

Source: docs/spec/feature-flags.md#import.
"""

from typing import Any

import msgspec

from quote_service.rulebook.feature_flags.model.imports.audience import place_condition
from quote_service.rulebook.feature_flags.model.imports.translated import Findings, Translated, customer_ids, read_as
from quote_service.rulebook.feature_flags.model.imports.unleash_variants import Variant, put_unit, put_variants

CUSTOMER_FIELD = "userId"
_WHOLE = 100
# Which field each older strategy goes by, and under which name its share stands.
_GRADUAL = {
    "flexibleRollout": (None, "rollout"),
    "gradualRolloutUserId": ("userId", "percentage"),
    "gradualRolloutSessionId": ("sessionId", "percentage"),
}


class Constraint(msgspec.Struct, rename="camel"):
    context_name: str
    operator: str
    values: list[str] = []
    value: str | None = None
    inverted: bool = False


class Strategy(msgspec.Struct, rename="camel"):
    name: str
    parameters: dict[str, Any] = {}
    constraints: list[Constraint] = []
    segments: list[int] = []
    variants: list[Variant] = []
    disabled: bool | None = False
    feature_name: str | None = None

    @property
    def is_for_all(self) -> bool:
        """Whether it matches whoever asks."""
        if self.constraints or self.segments or self.variants:
            return False
        share = str(self.parameters.get("rollout"))
        unit = self.parameters.get("stickiness", "default")
        return self.name == "default" or (self.name == "flexibleRollout" and share == "100" and unit == "default")


class Feature(msgspec.Struct, rename="camel"):
    name: str
    enabled: bool = False
    description: str | None = None
    strategies: list[Strategy] = []
    variants: list[Variant] | None = None
    dependencies: list[Any] = []
    impression_data: bool | None = False
    stale: bool | None = False
    archived: bool | None = False


class Segment(msgspec.Struct, rename="camel"):
    id: int
    name: str = ""
    constraints: list[Constraint] | None = None


class Switch(msgspec.Struct, rename="camel"):
    """Of an export: whether a toggle is on, in its environment."""

    enabled: bool
    environment: str
    feature_name: str | None = None
    name: str | None = None
    variants: list[Variant] | None = None


class Document(msgspec.Struct, rename="camel"):
    features: list[Feature]
    segments: list[Segment] = []
    feature_strategies: list[Strategy] | None = None
    feature_environments: list[Switch] = []
    dependencies: list[dict[str, Any]] = []


def translate_unleash(document: Any, customer_field: str = CUSTOMER_FIELD) -> list[Translated]:
    """What becomes of the toggles of a document.

    Args:
        document: As parsed, numbers exact.
        customer_field: Which field of Unleash's context holds the customer's id here; empty for none, so that each field
            that is hashed becomes an attribute of its own name.

    Raises:
        Invalid: It is no document of Unleash's.
    """
    read: Document = read_as(document, Document, "The file of Unleash")
    segments = {segment.id: segment for segment in read.segments}
    if read.feature_strategies is not None:
        _gather(read, read.feature_strategies)
    return [_translate(feature, segments, customer_field) for feature in read.features]


def _gather(read: Document, strategies: list[Strategy]) -> None:
    """An export keeps strategies, switches and dependencies apart from the toggles."""
    for feature in read.features:
        feature.strategies = [strategy for strategy in strategies if strategy.feature_name == feature.name]
        for switch in read.feature_environments:
            if feature.name in (switch.feature_name, switch.name):
                feature.enabled = switch.enabled
                feature.variants = switch.variants or feature.variants
        feature.dependencies = [each for each in read.dependencies if each.get("feature") == feature.name]


def _translate(feature: Feature, segments: dict[int, Segment], customer_field: str) -> Translated:
    found = Findings()
    rollout: dict[str, Any] = {}
    flag: dict[str, Any] = {
        "key": feature.name,
        "description": feature.description or None,
        "type": "BOOLEAN",
        "value": True,
        "is_enabled": feature.enabled,
        "algorithm": "unleash",
        "rollout": rollout,
    }
    if feature.archived:
        found.lose("it is archived")
    if feature.dependencies:
        found.lose("it depends on another toggle")
    if feature.impression_data:
        found.note("no impression events are sent")
    chosen, named = _one_strategy(feature, found)
    gate = _put_gate(feature, chosen, rollout, customer_field, found) if chosen is not None else None
    if chosen is not None:
        _put_audience(chosen, segments, rollout, found)
        if chosen.name != "default":
            flag["salt"] = _salt(chosen.parameters.get("groupId"), feature.name)
    own = chosen.variants if chosen is not None else []
    if variants := own or feature.variants:
        group = (chosen.parameters.get("groupId") or feature.name) if own and chosen is not None else feature.name
        unit = chosen.parameters.get("stickiness") if own and chosen is not None else None
        put_variants(variants, flag, gate, (str(group), str(unit or "default")), customer_field, found)
    if named is not None:
        _put_named(named, flag, customer_field, found)
    if not rollout:
        flag["rollout"] = None
    if flag.get("salt") == feature.name:
        flag["salt"] = None
    return found.outcome(feature.name, flag)


def _one_strategy(feature: Feature, found: Findings) -> tuple[Strategy | None, Strategy | None]:
    """The one strategy that decides, and the one that names customers; any of them may match there."""
    active = [strategy for strategy in feature.strategies if not strategy.disabled]
    if feature.strategies and not active:
        found.lose("all its strategies are switched off")
    if any(strategy.is_for_all for strategy in active) and not any(strategy.variants for strategy in active):
        if len(active) > 1:
            found.note("a strategy is for everybody, so the others make no difference")
        return None, None
    named = [strategy for strategy in active if strategy.name == "userWithId"]
    others = [strategy for strategy in active if strategy not in named]
    if len(others) > 1 or len(named) > 1:
        found.lose(f"{len(active)} strategies of which any may match; a flag has one rollout")
    if named and (named[0].constraints or named[0].segments or named[0].variants):
        found.lose("named customers under a condition")
    return (others[0] if others else None), (named[0] if named else None)


def _put_gate(
    feature: Feature, strategy: Strategy, rollout: dict[str, Any], customer_field: str, found: Findings
) -> tuple[str, str] | None:
    """The share of a strategy; the group and field that its hash goes by, None where it leaves out nobody by a hash."""
    if strategy.name == "default":
        return None
    if strategy.name not in _GRADUAL:
        found.lose(f"the strategy {strategy.name}")
        return None
    unit, member = _GRADUAL[strategy.name]
    unit = unit or str(strategy.parameters.get("stickiness") or "default")
    share = str(strategy.parameters.get(member, ""))
    if unit == "random":
        found.lose("a share of evaluations by chance; a share of customers stays the same")
        return None
    if not share.isascii() or not share.isdigit() or int(share) > _WHOLE:
        found.lose(f"the share {share!r}; it must be a whole percentage")
        return None
    if unit == "default" and int(share) == _WHOLE:
        return None
    rollout["percentage"] = int(share)
    put_unit(unit, rollout, customer_field, found)
    return (str(strategy.parameters.get("groupId") or feature.name), unit) if int(share) < _WHOLE else None


def _put_audience(strategy: Strategy, segments: dict[int, Segment], rollout: dict[str, Any], found: Findings) -> None:
    constraints = list(strategy.constraints)
    for number in strategy.segments:
        segment = segments.get(number)
        if segment is None or segment.constraints is None:
            name = segment.name if segment is not None else number
            found.lose(f"the segment {name}; the file does not say whom it means")
        else:
            constraints += segment.constraints
    for constraint in constraints:
        where, operator = constraint.context_name, constraint.operator
        moment = {"DATE_AFTER": "starts_at", "DATE_BEFORE": "ends_at"}.get(operator)
        if constraint.inverted:
            found.lose(f"an inverted constraint on {where}")
        elif moment is not None and where == "currentTime" and moment not in rollout:
            rollout[moment] = constraint.value
        elif operator == "IN":
            place_condition(where, constraint.values, rollout, found)
        else:
            found.lose(f"the constraint {operator} on {where}")


def _put_named(named: Strategy, flag: dict[str, Any], customer_field: str, found: Findings) -> None:
    """Customers who are inside by name: overrides of the one variant."""
    texts = [text for text in str(named.parameters.get("userIds", "")).split(",") if text.strip()]
    ids = customer_ids(texts) if customer_field == CUSTOMER_FIELD else None
    if ids is None:
        found.lose("users by id who are no customer ids (UUIDs)")
    elif "variants" in flag["rollout"]:
        found.lose("users by id beside variants")
    else:
        rollout = flag["rollout"]
        if not rollout:
            rollout["percentage"] = 0
        rollout["variants"] = [{"key": "on", "value": True, "weight": 1}]
        rollout["overrides"] = dict.fromkeys(ids, "on")
        found.note("users by id are overrides of a variant `on`")


def _salt(group: Any, name: str) -> str:
    return str(group) if group else name
