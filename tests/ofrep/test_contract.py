"""The protocol's own contract, driven by schemathesis: what it describes is answered as it describes it.

The published file refuses ordinary answers, so it is changed while it is read:

- the `oneOf` of values and of items is an `anyOf`: a boolean value fits `booleanFlag` and the empty `codeDefaultFlag`, too
  many for `oneOf`;
- `reason` may be any that OpenFeature has, and an item's `errorCode` may be `FLAG_NOT_FOUND`, as in the file's own example;
- `Retry-After` may be seconds, as its description says, and a context may be without a `targetingKey`, as SDKs send it.

Source: docs/spec/ofrep.md; tests/ofrep/contract/NOTICE.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from tests.ofrep.flag_set import SPLIT, STATIC, UNKNOWN
from tests.ofrep.server import OfrepServer

CONTRACT = Path(__file__).parent / "contract" / "openapi.yaml"
REASONS = ["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN", "DEFAULT", "CACHED", "STALE", "ERROR"]
# The protocol names no status for a body that is too large, of another type, or a method that is not taken.
ALSO = {"405", "413", "415"}


def contract() -> dict[str, Any]:
    """The contract as it can be held to."""
    document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text("utf-8"))
    schemas = document["components"]["schemas"]
    success = schemas["evaluationSuccess"]["allOf"]
    success[0]["properties"]["reason"]["enum"] = REASONS
    success[1]["anyOf"] = success[1].pop("oneOf")
    items = schemas["bulkEvaluationSuccess"]["properties"]["flags"]["items"]
    items["anyOf"] = items.pop("oneOf")
    schemas["evaluationFailure"]["properties"]["errorCode"]["enum"].append("FLAG_NOT_FOUND")
    del schemas["context"]["required"]
    for operations in document["paths"].values():
        operations["post"]["responses"]["429"]["headers"]["Retry-After"]["schema"] = {"type": "string"}
        operations["post"]["responses"] |= {status: {"description": "Refused."} for status in ALSO}
    return document


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract()["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


def test_answers_fit_the_contract(here: OfrepServer) -> None:
    for key in STATIC:
        validator("serverEvaluationSuccess").validate(here.one(key).json())
    validator("evaluationFailure").validate(here.one(SPLIT).json())
    validator("flagNotFound").validate(here.one(UNKNOWN).json())
    validator("bulkEvaluationSuccess").validate(here.all().json())
    validator("bulkEvaluationFailure").validate(here.send("/ofrep/v1/evaluate/flags", b"").json())


def test_it_shows_what_does_not_fit() -> None:
    for wrong in ({"key": "a"}, {"key": "a", "reason": "BECAUSE"}, {"key": 1, "reason": "STATIC"}):
        assert not validator("serverEvaluationSuccess").is_valid(wrong)


@pytest.mark.parametrize("operation", ["evaluateFlag", "evaluateFlagsBulk"])
def test_an_operation_answers_as_the_contract_says(here: OfrepServer, operation: str) -> None:
    config = SchemathesisConfig(seed=1)
    project = config.projects.default
    project.headers = here.headers
    project.continue_on_failure = True
    project.request_timeout = 30
    project.generation.max_examples = 25
    project.generation.deterministic = True
    project.generation.database = "none"
    project.generation.with_security_parameters = False
    project.phases.stateful.enabled = False
    # What is refused for its form is tested by hand: the contract is laxer than its words.
    project.checks.negative_data_rejection.enabled = False
    project.checks.positive_data_acceptance.expected_statuses = ["2xx", "304", "400", "404"]
    project.base_url = here.url
    schema = schemathesis.openapi.from_dict(contract(), config=config).include(operation_id=operation)
    failures, calls = [], 0
    for event in engine.from_schema(schema).execute():
        assert not isinstance(event, (events.NonFatalError, events.FatalError)), event.__dict__
        if isinstance(event, events.ScenarioFinished):
            calls += len(event.recorder.interactions)
            failures += [
                f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
    assert calls >= 20
    assert not failures, "\n\n".join(failures)
