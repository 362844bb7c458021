"""Every documented operation does what its description says, for data that fits it and data that does not.

Schemathesis makes the requests from the description that the service gives, the same ones at each run: the examples in
it, each bound of each field, missing headers, other methods, no or wrong credentials, and some by chance. What several
operations take alike is bounded in one of them, see `each_bound_once.py`.

Source: docs/spec/operations.md#api-description.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.schemas import BaseSchema

from quote_service.platform.http.positions import MIN_POSITION
from tests.fixtures.serve import Served
from tests.http.openapi.described import document
from tests.http.openapi.each_bound_once import with_each_bound_once

# Chance alone is bounded by this; bounds and examples are tried whole. All of it takes about a minute of processor time.
EXAMPLES = 4
EXCLUDED = {
    # Server-sent events for as long as the client stays: no answer to wait for. Its refusals and its first event are
    # tested with the flash sales, the catalog, signals, analytics and OFREP.
    "stream_flash_sale_figures",
    "stream_live_figures",
    "stream_ofrep_events",
    "stream_open_flash_sales",
    "stream_product_prices",
    "stream_signals",
}
# A request that fits the schema may still clash: with rules between fields, registers of codes, other rows, cursors of
# other lists. It is then refused with these, never with 400, 405, 413 or 415.
REFUSED_FOR_MORE_THAN_FORM = ["401", "403", "404", "409", "412", "422", "429"]
ANSWERS_ABOUT_WHAT_DOES_NOT_FIT = {
    # It says what is wrong with what may be no quote at all, and that is its answer.
    "verify_issued_quote",
    # Text of any kind is taken in, and the import says what is wrong with its rows.
    "import_catalog_products",
    "upload_feed",
    # Each basket is refused on its own, within an answer to all.
    "quote_baskets",
    # Each observation is refused on its own too.
    "push_observations",
    "report_events",
}


@schemathesis.serializer("text/csv", "application/x-ndjson", "application/xml")
def write_text(_: Any, value: Any) -> bytes:
    """Text is sent as it is: what is no text in it is found by the service, in the background."""
    return str(value).encode("utf-8", "replace")


def operation_ids() -> Iterator[str]:
    for operations in document()["paths"].values():
        for operation in operations.values():
            yield operation["operationId"]


OPERATIONS = sorted(operation_ids())


def schema_of(operation: str, running: Served, document: dict[str, Any]) -> BaseSchema:
    config = SchemathesisConfig(seed=1)
    project = config.projects.default
    project.headers = {"Authorization": f"Bearer {running.admin_token}"}
    project.continue_on_failure = True
    project.request_timeout = 30
    project.generation.max_examples = EXAMPLES
    project.generation.deterministic = True
    project.generation.database = "none"
    project.generation.with_security_parameters = False
    project.phases.stateful.enabled = False  # one operation at a time; what follows from what is tested by hand
    unfit = ["400"] if operation.endswith("_by_ofrep") else []  # that protocol has no 422
    project.checks.positive_data_acceptance.expected_statuses = ["2xx", "3xx", *REFUSED_FOR_MORE_THAN_FORM, *unfit]
    project.base_url = running.url
    sent = without_positions(with_each_bound_once(document, operation))
    schema = schemathesis.openapi.from_dict(sent, config=config)
    return schema.include(operation_id=operation)


def without_positions(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the header that asks for a position: a made-up one is never reached, or is none."""
    paths = {
        path: {
            method: {
                **operation,
                "parameters": [each for each in operation.get("parameters", ()) if each["name"] != MIN_POSITION],
            }
            for method, operation in operations.items()
        }
        for path, operations in document["paths"].items()
    }
    return {**document, "paths": paths}


def test_what_is_left_out_exists() -> None:
    assert set(OPERATIONS) >= EXCLUDED | ANSWERS_ABOUT_WHAT_DOES_NOT_FIT
    assert len(OPERATIONS) > 50


@pytest.mark.long("all bounds and examples of an operation, each a request")
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in EXCLUDED])
def test_an_operation_does_what_its_description_says(running: Served, document: dict[str, Any], operation: str) -> None:
    failures: dict[tuple[str, str], str] = {}
    calls = 0
    for event in engine.from_schema(schema_of(operation, running, document)).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            pytest.fail(f"schemathesis itself failed: {event.__dict__ if hasattr(event, '__dict__') else event}")
        if isinstance(event, events.ScenarioFinished):
            calls += len(event.recorder.interactions)
            failures |= _failures(event.recorder, operation)
    assert calls >= 1
    assert not failures, "\n\n".join(failures.values())


def _failures(recorder: Any, operation: str) -> Iterator[tuple[tuple[str, str], str]]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            if check.name == "negative_data_rejection" and operation in ANSWERS_ABOUT_WHAT_DOES_NOT_FIT:
                continue
            failure = check.failure_info.failure
            answer = recorder.interactions[case_id].response
            page_text = f"{answer.status_code} {answer.text[:500]}" if answer is not None else "no answer"
            yield (
                (check.name, failure.title),
                f"{check.name}: {failure.title}\n{failure.message}\n{check.failure_info.code_sample}\n-> {page_text}",
            )
