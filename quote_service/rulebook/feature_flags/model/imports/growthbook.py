"""Features of GrowthBook, as its SDKs are sent them (`/api/features/KEY`).

Source: docs/spec/feature-flags.md#import.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Invalid
from quote_service.rulebook.feature_flags.model.imports.audience import place_condition
from quote_service.rulebook.feature_flags.model.imports.translated import Findings, Translated, read_as

CUSTOMER_FIELD = "id"
_PARTS = 1_000_000  # weights of up to six digits are exact
_ALGORITHMS = {1: "growthbook-v1", 2: "growthbook-v2"}
# What says nothing about who gets what.
_SILENT = {
    "id",
    "name",
    "phase",
    "tracks",
    "meta",
    "key",
    "bucketVersion",
    "disableStickyBucketing",
    "type",
    "fallbackAttribute",
    "minBucketVersion",
}
_READ = {
    "condition",
    "coverage",
    "weights",
    "variations",
    "force",
    "hashAttribute",
    "hashVersion",
    "seed",
    "active",
    "ranges",
    "range",
}


Range = tuple[ExactNumber, ExactNumber]


class Feature(msgspec.Struct, rename="camel"):
    default_value: Any = None
    rules: list[dict[str, Any]] = []


class Document(msgspec.Struct):
    features: dict[str, Feature]


class Rule(msgspec.Struct, rename="camel"):
    condition: dict[str, Any] | None = None
    coverage: ExactNumber | None = None
    weights: list[ExactNumber] | None = None
    variations: list[Any] | None = None
    force: Any = msgspec.UNSET
    hash_attribute: str | None = None
    hash_version: int | None = None
    seed: str | None = None
    ranges: list[Range] | None = None
    range: Range | None = None
    key: str | None = None
    meta: list[dict[str, Any]] | None = None
    active: bool = True

    @property
    def is_for_all(self) -> bool:
        """Whether nobody comes past it."""
        return self.force is not msgspec.UNSET and self.coverage is None and self.range is None and not self.condition


def translate_growthbook(document: Any, customer_field: str = CUSTOMER_FIELD) -> list[Translated]:
    """What becomes of the features of a document.

    Args:
        document: As parsed, numbers exact.
        customer_field: Which attribute of GrowthBook's users is the customer's id here; empty for none.

    Raises:
        Invalid: It is no document of GrowthBook's.
    """
    if isinstance(document, dict) and isinstance(document.get("encryptedFeatures"), str):
        raise Invalid("The features are encrypted; take them from an SDK connection without encryption")
    read: Document = read_as(document, Document, "The file of GrowthBook")
    return [_translate(key, feature, customer_field) for key, feature in read.features.items()]


def _translate(key: str, feature: Feature, customer_field: str) -> Translated:
    found = Findings()
    flag: dict[str, Any] = {"key": key, "is_enabled": True}
    default = feature.default_value
    rules = feature.rules
    documents = [rule for rule in rules if "force" in rule or "variations" in rule]
    # A rule that neither forces nor divides still bars who lacks another feature, or is of a kind that is not known here.
    others = {member for rule in rules if rule not in documents for member in _unread(rule)}
    found.lost += (f"a rule with {member}" for member in sorted(others))
    deciding = [read_as(rule, Rule, f"A rule of {key}") for rule in documents]
    # Experiments that have been stopped, or have nothing to choose from, are passed by.
    kept = [
        (rule, document)
        for rule, document in zip(deciding, documents, strict=True)
        if rule.force is not msgspec.UNSET or (rule.active and len(rule.variations or ()) > 1)
    ]
    for place, (rule, _) in enumerate(kept):
        if rule.is_for_all and not _unread(kept[place][1]):
            default = rule.force
            kept = kept[:place]
            break
    if len(kept) > 1:
        found.lose(f"{len(kept)} rules; a flag has one rollout and one default")
    values = [default]
    if kept and len(kept) == 1:
        rule, document = kept[0]
        found.lost += (f"{member} of its rule" for member in _unread(document))
        values += _put_rule(rule, key, flag, customer_field, found)
        if default is not None:
            flag["default_value"] = default
    else:
        flag["value"] = default
    flag["type"] = _type_of(values)
    if default is None and flag["type"] == "JSON" and not kept:
        found.lose("it has no value")
    return found.outcome(key, flag)


def _unread(document: dict[str, Any]) -> list[str]:
    return [member for member in document if member not in _READ | _SILENT]


def _put_rule(rule: Rule, key: str, flag: dict[str, Any], customer_field: str, found: Findings) -> list[Any]:
    """The one rule that decides, as a rollout; answers the values it gives."""
    rollout: dict[str, Any] = {}
    flag["rollout"] = rollout
    for field, wanted in (rule.condition or {}).items():
        _place(field, wanted, rollout, found)
    is_forced = rule.force is not msgspec.UNSET
    coverage, weights = _spread(rule, found)
    if coverage is not None:
        rollout["percentage"] = ExactNumber(f"{(coverage * 100).normalize():f}")
    if coverage is not None or not is_forced:
        version = rule.hash_version or 1
        if version not in _ALGORITHMS:
            found.lose(f"hashVersion {version}")
        flag["algorithm"] = _ALGORITHMS.get(version, "growthbook-v2")
        # A share is hashed by the seed or the feature's key, an experiment by the seed or its own key.
        salt = rule.seed or (key if is_forced else rule.key or key)
        flag["salt"] = salt if salt != key else None
        field = rule.hash_attribute or CUSTOMER_FIELD
        rollout["stickiness"] = "customer_id" if field == customer_field else field
    if is_forced:
        flag["value"] = rule.force
        return [rule.force]
    values = rule.variations or []
    flag["value"] = values[0]
    rollout["variants"] = [
        {"key": name, "value": value, "weight": weight}
        for name, value, weight in (
            (_name(rule, place), values[place], weight) for place, weight in zip(_order(rule), weights, strict=True)
        )
    ]
    return values


def _place(field: str, wanted: Any, rollout: dict[str, Any], found: Findings) -> None:
    if field.startswith("$"):
        found.lose(f"a condition with {field}")
    elif not isinstance(wanted, dict):
        place_condition(field, [wanted], rollout, found)
    elif list(wanted) == ["$in"] and isinstance(wanted["$in"], list):
        place_condition(field, wanted["$in"], rollout, found)
    elif list(wanted) == ["$eq"]:
        place_condition(field, [wanted["$eq"]], rollout, found)
    else:
        found.lose(f"a condition on {field} with {', '.join(wanted)}")


def _name(rule: Rule, place: int) -> str:
    """The key of a variation: the one that is reported, or its number."""
    meta = rule.meta or []
    return str(meta[place].get("key") or place) if place < len(meta) else str(place)


def _order(rule: Rule) -> Sequence[int]:
    """The places of the variations in the order of their buckets."""
    places = range(len(rule.variations or ()))
    ranges = rule.ranges
    return places if ranges is None or len(ranges) != len(places) else sorted(places, key=lambda place: ranges[place])


def _spread(rule: Rule, found: Findings) -> tuple[ExactNumber | None, Sequence[int]]:
    """The share that is taken in, None for everybody, and the weights of the variations in order.

    Ranges of buckets come before both, as they do there; only those that a share and weights make can be carried over.
    """
    if rule.force is not msgspec.UNSET and rule.range is not None:
        return _share_below(rule, rule.range, found), ()
    if rule.force is msgspec.UNSET and rule.ranges is not None:
        return _share_of_ranges(rule, rule.ranges, found)
    coverage = rule.coverage
    if coverage is not None:
        coverage = min(max(coverage, ExactNumber(0)), ExactNumber(1))
    return coverage, _weights(rule, found) if rule.force is msgspec.UNSET else ()


def _share_below(rule: Rule, wanted: Range, found: Findings) -> ExactNumber:
    """The share whose last bucket is the one below the end of a range that begins with the first bucket."""
    first, end = wanted
    step = ExactNumber("0.001" if (rule.hash_version or 1) == 1 else "0.0001")
    if first != 0 or not 0 < end <= 1 or end % step:
        found.lose(f"the range of buckets from {first} to {end}; a share begins with the first")
    return ExactNumber(end - step if end < 1 else end)


def _share_of_ranges(rule: Rule, ranges: list[Range], found: Findings) -> tuple[ExactNumber, Sequence[int]]:
    count = len(rule.variations or ())
    ordered = sorted(ranges)
    starts = [first for first, _ in ordered]
    spans = [end - first for first, end in zip(starts, [*starts[1:], ExactNumber(1)], strict=True)]
    taken = [end - first for first, end in ordered]
    coverages = {ExactNumber(part / span) for part, span in zip(taken, spans, strict=True) if span}
    parts = [span * _PARTS for span in spans]
    if len(ranges) != count or starts[0] != 0 or len(coverages) != 1 or any(part % 1 for part in parts):
        found.lose("ranges of buckets that no share and weights make")
        return ExactNumber(1), [1] * count
    return coverages.pop(), [int(part) for part in parts]


def _weights(rule: Rule, found: Findings) -> Sequence[int]:
    """The weights as whole numbers; those that GrowthBook does not take are equal there, and so here."""
    count = len(rule.variations or ())
    weights = rule.weights or []
    total = sum(weights)
    if len(weights) != count or not ExactNumber("0.99") <= total <= ExactNumber("1.01"):
        if weights:
            found.note("weights that do not add up to 1 are equal, as they are there")
        return [1] * count
    parts = [weight * _PARTS for weight in weights]
    if any(part % 1 for part in parts):
        found.lose("weights of more than six digits")
    return [int(part) for part in parts]


def _type_of(values: Sequence[Any]) -> str:
    """The one type that all values have; any JSON where they differ, or there is none."""
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, bool) for value in given):
        return "BOOLEAN"
    if given and all(isinstance(value, str) for value in given):
        return "STRING"
    if given and all(isinstance(value, (int, ExactNumber)) and not isinstance(value, bool) for value in given):
        return "NUMBER"
    return "JSON"
