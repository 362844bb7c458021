"""What a write says about the rates it writes: the findings of the rule check, told beside them and kept nowhere."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.access.running import RunningService, code_of
from tests.commission_rates.rates import Rates, a_rate, record_of

NEVER_TAKEN = "rate-never-taken"


def findings(data: dict[str, Any], code: str = NEVER_TAKEN) -> list[set[str]]:
    """The ids of the rows of each finding of a kind."""
    return [{row["id"] for row in found["rows"]} for found in data["warnings"] if found["code"] == code]


def shadowed_pair() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two rates of one seller of which the second takes every line from the first."""
    rate = a_rate(currency="TRY")
    return rate, {**rate, "priority": 5}


def test_a_new_rate_that_shadows_another_is_reported_so(rates: Rates) -> None:
    below, above = shadowed_pair()
    first = rates.post(below).json()["data"]
    assert findings(first) == []
    second = rates.post(above).json()["data"]
    assert findings(second) == [{first["id"], second["id"]}]
    (found,) = (found for found in second["warnings"] if found["code"] == NEVER_TAKEN)
    assert found["why"]
    assert found["examples"]


def test_a_warning_is_of_that_answer_alone(rates: Rates, worker: RunningService) -> None:
    below, above = shadowed_pair()
    rates.post(below)
    written = rates.post(above)
    rate_id = written.json()["data"]["id"]
    assert rates.get(rate_id).json()["data"] == record_of(written)
    assert rates.history(rate_id).json()["data"] == [record_of(written)]
    (audited,) = worker.audited(rate_id)
    assert audited["after"] == record_of(written)


def test_a_replacement_is_checked_as_it_will_be(rates: Rates) -> None:
    below, above = shadowed_pair()
    first, second = rates.create(**below), rates.create(**{**above, "seller_id": str(uuid4())})
    shadowing = rates.put(second["id"], above).json()["data"]
    assert findings(shadowing) == [{first["id"], second["id"]}]
    apart = rates.put(second["id"], {**above, "region": "TR/Van"}).json()["data"]
    assert findings(apart) == []


def test_a_replacement_without_a_start_is_checked_from_the_start_it_keeps(rates: Rates) -> None:
    below, above = shadowed_pair()
    late, early = "2090-01-01T00:00:00Z", "2089-01-01T00:00:00Z"
    first = rates.create(**{**below, "effective_to": late})
    second = rates.create(**{**above, "effective_from": late, "effective_to": "2091-01-01T00:00:00Z"})
    same = {**above, "effective_from": None, "effective_to": "2091-01-01T00:00:00Z", "rate": 3}
    # Begun now it would hide the first one for good; it begins when that one ends.
    assert findings(rates.put(second["id"], same).json()["data"]) == []
    assert findings(rates.put(second["id"], {**same, "effective_from": "2026-01-01T00:00:00Z"}).json()["data"]) == [
        {first["id"], second["id"]}
    ]
    refused = rates.put(first["id"], {**below, "effective_from": None, "effective_to": "2025-12-31T00:00:00Z"})
    assert (refused.status_code, code_of(refused)) == (422, "validation-error")
    assert early < late


def test_a_refused_rate_has_its_refusal_and_no_warnings(rates: Rates) -> None:
    rate = a_rate()
    rates.create(**rate)
    answer = rates.post({**rate, "rate": 1})
    assert (answer.status_code, code_of(answer)) == (409, "rate-overlaps")
    assert "warnings" not in answer.json()


def test_the_rows_of_an_import_are_checked_together(rates: Rates) -> None:
    data = rates.bulk([*shadowed_pair(), a_rate()]).json()["data"]
    assert data["is_checked"]
    assert findings(data) == [set(data["ids"][:2])]


def test_an_import_is_checked_against_what_is_there(rates: Rates) -> None:
    below, above = shadowed_pair()
    first, second = rates.create(**below), rates.create(**{**above, "seller_id": str(uuid4())})
    data = rates.bulk([{**above, "id": second["id"], "effective_from": None}]).json()["data"]
    assert findings(data) == [{first["id"], second["id"]}]


def test_a_large_import_says_that_it_was_not_checked(rates: Rates) -> None:
    rows = [*shadowed_pair(), *(a_rate() for _ in range(198))]
    checked = rates.bulk(rows).json()["data"]
    assert (checked["is_checked"], findings(checked)) == (True, [set(checked["ids"][:2])])
    rows = [*shadowed_pair(), *(a_rate() for _ in range(199))]
    unchecked = rates.bulk(rows).json()["data"]
    assert (unchecked["created"], unchecked["is_checked"], unchecked["warnings"]) == (201, False, [])


def test_a_repeat_has_the_warnings_of_the_first_answer(rates: Rates) -> None:
    below, above = shadowed_pair()
    rates.create(**below)
    key = {"Idempotency-Key": str(uuid4())}
    first, again = rates.post(above, **key), rates.post(above, **key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert findings(first.json()["data"])
