"""The published cases of Unleash and GrowthBook as flags that are imported here, and questions about them.

Identities there are short texts, and customer ids here are UUIDs: so no field is the customer's id, and each that is hashed
is an attribute. Keys differ from case to case; what is hashed with them stays as it was (the seed).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

VECTORS = Path(__file__).parents[1] / "vectors"
CASES: dict[str, Any] = json.loads((VECTORS / "growthbook" / "cases.json").read_text("utf-8"))
UNLEASH_FILES = sorted((VECTORS / "unleash").glob("*.json"))
ON = "is on"  # what a toggle says that has variants: any value
NOTHING = -1  # what an experiment answers to whom it does not take in


class Question(NamedTuple):
    """One published expectation: the key of the flag here, what is known of the asker, and the value wanted."""

    name: str
    key: str
    attributes: dict[str, Any]
    value: Any


def unleash_state() -> dict[str, Any]:
    """All toggles of the files, as clients are sent them."""
    states = [json.loads(file.read_text("utf-8"))["state"] for file in UNLEASH_FILES]
    return {"version": 2, "features": [feature for state in states for feature in state["features"]]}


def unleash_questions() -> list[Question]:
    """What clients are expected to say, of every toggle that is there."""
    known = {feature["name"]: feature for feature in unleash_state()["features"]}
    asked = []
    for file in UNLEASH_FILES:
        document = json.loads(file.read_text("utf-8"))
        tests = [(test, test["expectedResult"]) for test in document.get("tests", ())]
        tests += [(test, _variant_value(test["expectedResult"])) for test in document.get("variantTests", ())]
        for test, wanted in tests:
            toggle = known.get(test["toggleName"])
            if toggle is not None:
                if wanted is True and toggle.get("variants"):
                    wanted = ON
                attributes = _unleash_attributes(test["context"], toggle)
                asked.append(Question(f"{file.stem[:2]} {test['description']}", test["toggleName"], attributes, wanted))
    return asked


def _variant_value(wanted: dict[str, Any]) -> Any:
    if not wanted["enabled"]:
        # A toggle without variants is on or off here; one with variants that is off has no value.
        return wanted["feature_enabled"] or None
    payload = wanted["payload"]
    return json.loads(payload["value"]) if payload["type"] == "number" else payload["value"]


def _unleash_attributes(context: dict[str, Any], toggle: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = {name: context[name] for name in ("userId", "sessionId") if name in context}
    attributes |= context.get("properties", {})
    units = [strategy.get("parameters", {}).get("stickiness") for strategy in toggle["strategies"]]
    if "default" in units and "userId" not in attributes and "sessionId" in attributes:
        # Unleash falls back to the session; a flag here names one attribute, which the caller fills so.
        attributes["userId"] = attributes["sessionId"]
    return attributes


def growthbook_payload() -> dict[str, Any]:
    """All features and experiments of the cases, as SDKs are sent them, each by a key of its own."""
    features: dict[str, Any] = {}
    for index, case in enumerate(CASES["feature"]):
        held = case[1].get("features", {}).get(case[2])
        if held is not None:
            rules = [{**rule, "seed": rule.get("seed") or _seed(rule, case[2])} for rule in held.get("rules", ())]
            features[f"feature-{index}"] = {**held, "rules": rules}
    for index, case in enumerate(CASES["run"]):
        experiment = case[2]
        if _is_of_the_experiment_alone(case):
            seed = experiment.get("seed") or experiment["key"]
            features[f"run-{index}"] = {"defaultValue": NOTHING, "rules": [{**experiment, "seed": seed}]}
    return {"status": 200, "features": features}


def _seed(rule: dict[str, Any], key: str) -> str:
    return key if "force" in rule else rule.get("key") or key


def _is_of_the_experiment_alone(case: Any) -> bool:
    """Whether the case is about the experiment, and not about forcing, query strings or switches of the SDK."""
    return set(case[1]) <= {"attributes"} and "force" not in case[2]


def growthbook_questions() -> list[Question]:
    """What SDKs are expected to say."""
    keys = growthbook_payload()["features"]
    asked = []
    for index, case in enumerate(CASES["feature"]):
        if f"feature-{index}" in keys and set(case[1]) <= {"attributes", "features"}:
            name, attributes = f"feature: {case[0]}", case[1].get("attributes", {})
            asked.append(Question(name, f"feature-{index}", attributes, case[3]["value"]))
    for index, case in enumerate(CASES["run"]):
        if f"run-{index}" in keys:
            wanted = case[3] if case[4] else NOTHING
            asked.append(Question(f"run: {case[0]}", f"run-{index}", case[1].get("attributes", {}), wanted))
    return asked


def is_as_published(question: Question, value: Any) -> bool:
    """Whether a value is the one that is wanted, of the same type."""
    return value is not None if question.value == ON else (type(value), value) == (type(question.value), question.value)


def attributes_to_send(attributes: dict[str, Any]) -> dict[str, Any]:
    """Those that may be sent: texts that are not empty, and whole numbers."""
    return {
        name: value
        for name, value in attributes.items()
        if not isinstance(value, bool) and isinstance(value, (str, int)) and value != ""
    }
