"""What `loadtests.flag_cost` asks of a library of flags, and the libraries that it asks the same of: packages of the `load` extra.

Each holds the same flags as the service does, as far as it has words for them; each is asked with whatever it wants to be asked
with made beforehand.
"""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

FLAGS_LOADED = 1000
STARTS_US, ENDS_US = 1_577_836_800_000_000, 2_524_608_000_000_000  # 2020 and 2050
STARTS, ENDS = "2020-01-01T00:00:00Z", "2050-01-01T00:00:00Z"
KINDS = ("static", "percentage", "full", "arms")
TEN = ("static", "percentage", "full", "arms", "static", "full", "percentage", "full", "arms", "full")


class Library(NamedTuple):
    """A library with its flags in it: `ask` evaluates the flag of a kind, `load` puts a thousand into it."""

    name: str
    ask: Mapping[str, Callable[[], object]]
    load: Callable[[], object]


class Missing(NamedTuple):
    """A library that cannot be imported, and why."""

    name: str
    reason: str


def peers(customer: str, now_us: int) -> Iterator[Library | Missing]:
    """The libraries of others, asked about a customer in Istanbul with the segment newsletter."""
    for package, make in PACKAGES.items():
        try:
            library = make(customer, now_us)
            yield library._replace(name=f"{package} {version(package)}")
        except ImportError as missing:
            yield Missing(package, str(missing))


def many(make: Callable[[str, str], Any]) -> list[Any]:
    """A thousand flags of all kinds."""
    return [make(f"flag-{number}", KINDS[number % len(KINDS)]) for number in range(FLAGS_LOADED)]


def _growthbook(customer: str, now_us: int) -> Library:
    package = importlib.import_module("growthbook")
    attributes = {"id": customer, "region": "TR/Istanbul", "segments": ["returning", "newsletter"], "now": now_us}

    def feature(key: str, kind: str) -> tuple[str, dict[str, Any]]:
        # Its windows are kept by its server, which sends other features then; in a library it is one more condition.
        condition = {
            "region": {"$in": ["TR/Istanbul"]},
            "segments": {"$elemMatch": {"$in": ["newsletter", "vip"]}},
            "now": {"$gte": STARTS_US, "$lt": ENDS_US},
        }
        share = {"coverage": 0.99, "hashVersion": 2, "seed": key}
        rules: dict[str, Any] = {
            "percentage": {"force": True, **share},
            "full": {"force": True, "condition": condition, **share},
            "arms": {"variations": [True, True], "weights": [0.5, 0.5], "condition": condition, "key": key, **share},
        }
        return key, {"defaultValue": kind == "static", "rules": [rules[kind]] if kind in rules else []}

    book = package.GrowthBook(attributes=attributes, features=dict(feature(kind, kind) for kind in KINDS))
    text = json.dumps(dict(many(feature)))
    other = package.GrowthBook(attributes=attributes, features={})
    ask = {kind: (lambda kind=kind: book.get_feature_value(kind, None)) for kind in KINDS}
    return Library("", ask, lambda: other.set_features(json.loads(text)))


def _flagd(customer: str, now_us: int) -> Library:
    package = importlib.import_module("openfeature.contrib.tools.flagd.core")
    context = importlib.import_module("openfeature.evaluation_context").EvaluationContext(
        customer, {"region": "TR/Istanbul", "segments": ["returning", "newsletter"]}
    )

    def flag(key: str, kind: str) -> tuple[str, dict[str, Any]]:
        share = {"fractional": [["on", 99], ["off", 1]]}
        where = {"in": [{"var": "region"}, ["TR/Istanbul"]]}
        who = {"some": [{"var": "segments"}, {"in": [{"var": ""}, ["newsletter", "vip"]]}]}
        clock = {"var": "$flagd.timestamp"}
        window = [{">=": [clock, STARTS_US // 10**6]}, {"<": [clock, ENDS_US // 10**6]}]
        arms = {"fractional": [["on", 50], ["other", 49], ["off", 1]]}
        targeting: dict[str, Any] = {
            "percentage": share,
            "full": {"if": [{"and": [where, who, *window]}, share, "off"]},
            "arms": {"if": [{"and": [where, who, *window]}, arms, "off"]},
        }
        variants = {"on": True, "other": True, "off": False}
        default = "on" if kind == "static" else "off"
        return key, {
            "state": "ENABLED",
            "variants": variants,
            "defaultVariant": default,
            **({"targeting": targeting[kind]} if kind in targeting else {}),
        }

    core, other = package.FlagdCore(), package.FlagdCore()
    core.set_flags(json.dumps({"flags": dict(flag(kind, kind) for kind in KINDS)}))
    text = json.dumps({"flags": dict(many(flag))})
    ask = {kind: (lambda kind=kind: core.resolve_boolean_value(kind, False, context).value) for kind in KINDS}
    return Library("", ask, lambda: other.set_flags(text))


def _yggdrasil(customer: str, now_us: int) -> Library:
    package = importlib.import_module("yggdrasil_engine.engine")
    context = {"userId": customer, "properties": {"region": "TR/Istanbul", "segment": "newsletter"}}

    def toggle(key: str, kind: str) -> dict[str, Any]:
        share = {"rollout": "99", "stickiness": "userId", "groupId": key}
        constraints = [
            {"contextName": "region", "operator": "IN", "values": ["TR/Istanbul"]},
            {"contextName": "segment", "operator": "IN", "values": ["newsletter", "vip"]},
            {"contextName": "currentTime", "operator": "DATE_AFTER", "value": STARTS},
            {"contextName": "currentTime", "operator": "DATE_BEFORE", "value": ENDS},
        ]
        variants = [{"name": name, "weight": 500, "stickiness": "userId"} for name in ("a", "b")]
        strategies: dict[str, Any] = {
            "static": {"name": "default"},
            "percentage": {"name": "flexibleRollout", "parameters": share},
            "full": {"name": "flexibleRollout", "parameters": share, "constraints": constraints},
            "arms": {"name": "flexibleRollout", "parameters": share, "constraints": constraints, "variants": variants},
        }
        return {"name": key, "enabled": True, "strategies": [strategies[kind]]}

    engine, other = package.UnleashEngine(), package.UnleashEngine()
    engine.take_state(json.dumps({"version": 2, "features": [toggle(kind, kind) for kind in KINDS]}))
    text = json.dumps({"version": 2, "features": many(toggle)})
    ask: dict[str, Any] = {kind: (lambda kind=kind: engine.check_enabled(kind, context).is_enabled) for kind in KINDS}
    ask["arms"] = lambda: engine.check_variant("arms", context).variant.enabled
    return Library("", ask, lambda: other.take_state(text))


#: The packages of the `load` extra that are asked, by their names on PyPI.
PACKAGES: Mapping[str, Callable[[str, int], Library]] = {
    "growthbook": _growthbook,
    "openfeature-flagd-core": _flagd,
    "yggdrasil-engine": _yggdrasil,
}
