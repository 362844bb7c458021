"""Imports over HTTP: all or none, every fault with its pointer, duplicates, limits."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.access.running import RunningService, code_of
from tests.commission_rates.rates import Rates, a_rate, details, pointers, tiered

ROWS = 10_000


def data_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def test_rows_with_an_id_replace_and_others_create(rates: Rates, worker: RunningService) -> None:
    held, same = rates.create(), rates.create(priority=4)
    kept = a_rate(seller_id=same["seller_id"], priority=4, id=same["id"])
    data = data_of(rates.bulk([tiered(), a_rate(id=held["id"], rate=3), kept]))
    assert {name: data[name] for name in ("created", "changed", "unchanged")} == {
        "created": 1,
        "changed": 1,
        "unchanged": 1,
    }
    assert data["ids"][1:] == [held["id"], same["id"]]
    assert rates.get(data["ids"][0]).json()["data"]["tiers"] == [
        {"rate": 10, "up_to": 1000.0},
        {"rate": 8, "up_to": None},
    ]
    changed = rates.get(held["id"]).json()["data"]
    assert (changed["rate"], changed["version"], changed["created_at"]) == (3, 2, held["created_at"])
    assert rates.get(same["id"]).json()["data"] == same
    assert rates.history(held["id"]).json()["data"] == [changed, held]
    assert [(row["action"], row["before"], row["after"]) for row in worker.audited(held["id"])] == [
        ("rate.replace", held, changed),
        ("rate.create", None, held),
    ]
    (made,) = worker.audited(data["ids"][0])
    assert (made["action"], made["before"]) == ("rate.create", None)
    assert made["after"] == rates.get(data["ids"][0]).json()["data"]
    assert len(worker.audited(same["id"])) == 1


def test_one_bad_row_keeps_all_out(rates: Rates) -> None:
    category, held = str(uuid4()), rates.create()
    rows = [a_rate(category_id=category), a_rate(id=held["id"], rate=1), a_rate(rate=-1, wat=1), 5, a_rate(region="XX")]
    answer = rates.bulk(rows)
    assert (answer.status_code, code_of(answer)) == (422, "validation-error")
    assert pointers(answer) == ["/2/wat", "/3", "/4/region"]
    assert rates.found(category_id=category) == []
    assert rates.get(held["id"]).json()["data"] == held


def test_every_row_has_its_faults(rates: Rates) -> None:
    answer = rates.bulk([a_rate(rate=101) for _ in range(500)])
    assert pointers(answer) == [f"/{place}/rate" for place in range(500)]


def test_ids_that_are_unknown_or_stand_twice(rates: Rates) -> None:
    held = rates.create()
    rows = [a_rate(id=str(uuid4())), a_rate(id=held["id"]), a_rate(id=held["id"]), a_rate(id="1")]
    answer = rates.bulk(rows)
    assert (answer.status_code, pointers(answer)) == (422, ["/3/id"])
    answer = rates.bulk(rows[:3])
    assert (answer.status_code, pointers(answer)) == (422, ["/0/id", "/2/id"])


def test_a_kept_start_must_lie_before_the_end(rates: Rates) -> None:
    held = rates.create()
    answer = rates.bulk([a_rate(id=held["id"], effective_from=None, effective_to="2025-12-31T00:00:00Z")])
    assert (answer.status_code, pointers(answer)) == (422, ["/0/effective_to"])


def test_rows_that_clash_with_each_other(rates: Rates) -> None:
    seller = str(uuid4())
    rows = [
        a_rate(seller_id=seller, effective_to="2026-02-01T00:00:00Z"),
        a_rate(seller_id=seller, effective_from="2026-02-01T00:00:00Z", effective_to="2026-03-01T00:00:00Z"),
        a_rate(seller_id=seller, effective_from="2026-02-28T00:00:00Z", region="İzmir"),
        a_rate(seller_id=seller, effective_from="2026-02-28T00:00:00Z"),
        a_rate(seller_id=seller, region="izmir"),
        a_rate(seller_id=seller, is_active=False),
    ]
    answer = rates.bulk(rows)
    assert (answer.status_code, code_of(answer)) == (409, "rate-overlaps")
    assert pointers(answer) == ["/3", "/4"]
    assert "/1" in details(answer)["/3"]
    assert "/2" in details(answer)["/4"]
    assert rates.found(seller_id=seller) == []


def test_rows_that_clash_with_stored_rates(rates: Rates) -> None:
    first, second = rates.create(), rates.create()
    answer = rates.bulk([a_rate(), a_rate(seller_id=second["seller_id"]), a_rate(seller_id=first["seller_id"])])
    assert (answer.status_code, code_of(answer)) == (409, "rate-overlaps")
    assert details(answer) == {
        "/1": f"overlaps the rate {second['id']}",
        "/2": f"overlaps the rate {first['id']}",
    }


def test_rates_may_exchange_their_periods(rates: Rates) -> None:
    seller = str(uuid4())
    early = {"effective_from": "2026-01-01T00:00:00Z", "effective_to": "2026-02-01T00:00:00Z"}
    late = {"effective_from": "2026-02-01T00:00:00Z", "effective_to": "2026-03-01T00:00:00Z"}
    first, second = rates.create(seller_id=seller, **early), rates.create(seller_id=seller, **late)
    data = data_of(
        rates.bulk(
            [
                a_rate(seller_id=seller, **late, id=first["id"]),
                a_rate(seller_id=seller, id=second["id"], effective_from="2026-03-01T00:00:00Z"),
                a_rate(seller_id=seller, **early),
            ]
        )
    )
    assert (data["created"], data["changed"]) == (1, 2)


def test_nothing_to_import_is_no_fault(rates: Rates) -> None:
    assert data_of(rates.bulk([])) == {
        "created": 0,
        "changed": 0,
        "unchanged": 0,
        "ids": [],
        "warnings": [],
        "is_checked": True,
    }


@pytest.mark.long("ten thousand rows, and one more")
def test_ten_thousand_rows_and_not_one_more(rates: Rates, worker: RunningService) -> None:
    category = str(uuid4())
    rows = [a_rate(category_id=category) for _ in range(ROWS)]
    answer = rates.bulk([*rows, a_rate()])
    assert (answer.status_code, pointers(answer)) == (422, [""])
    data = data_of(rates.bulk(rows))
    assert (data["created"], len(set(data["ids"]))) == (ROWS, ROWS)
    (stored,) = worker.rows("SELECT count(*) FROM commission_rates WHERE category_id = $1", category)
    assert stored["count"] == ROWS
    (one_version,) = worker.rows(
        "SELECT count(DISTINCT changed_in) FROM commission_rates WHERE category_id = $1", category
    )
    assert one_version["count"] == 1
    changed = [{**row, "id": rate_id, "rate": 5} for row, rate_id in zip(rows, data["ids"], strict=True)]
    assert data_of(rates.bulk(changed))["changed"] == ROWS
    assert data_of(rates.bulk(changed))["unchanged"] == ROWS
    (audited,) = worker.rows("SELECT count(*) FROM audit_log WHERE object_id = ANY ($1)", data["ids"])
    assert audited["count"] == 2 * ROWS


@pytest.mark.parametrize("body", ["{}", "null", '"x"', "5"])
def test_what_is_no_list_is_refused(rates: Rates, body: str) -> None:
    answer = rates.http.put("/api/v1/commission-rates/bulk", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, pointers(answer)) == (422, [""])


def test_bodies_may_be_larger_than_elsewhere_but_not_endless(rates: Rates) -> None:
    padded = "[" + " " * (9 << 20) + "]"
    answer = rates.http.put(
        "/api/v1/commission-rates/bulk", content=padded, headers={"Content-Type": "application/json"}
    )
    assert data_of(answer)["created"] == 0
    answer = rates.bulk_csv("x" * ((10 << 20) + 1))
    assert (answer.status_code, code_of(answer)) == (413, "body-too-large")


def test_another_media_type_is_refused(rates: Rates) -> None:
    answer = rates.http.put("/api/v1/commission-rates/bulk", content="[]", headers={"Content-Type": "application/xml"})
    assert (answer.status_code, code_of(answer)) == (415, "unsupported-media-type")


def test_an_import_repeats_with_its_key(rates: Rates) -> None:
    rows, key = [a_rate(), tiered()], str(uuid4())
    first = rates.bulk(rows, **{"Idempotency-Key": key})
    again = rates.bulk(rows, **{"Idempotency-Key": key})
    assert data_of(first) == data_of(again)
    assert again.headers["idempotent-replayed"] == "true"
    assert rates.bulk(rows).status_code == 409
