"""One rate over HTTP: made, shown, replaced, ended, with its history."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.platform.callers.access import ROLES
from quote_service.platform.postgres.pool import Database
from quote_service.pricing.regions import region_key
from quote_service.rulebook.commission_rates.operations.refund_rules import refund_rules
from tests.access.running import RunningService, code_of
from tests.commission_rates.rates import BULK, EXPORT, PATH, Rates, a_rate, details, pointers, record_of, tiered

NOT_CONTENT = ("id", "version", "created_by", "created_at", "updated_by", "updated_at", "changed_by", "changed_at")
NOBODY = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


def content(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in NOT_CONTENT}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_created_rate_is_where_its_location_says(rates: Rates) -> None:
    sent = a_rate(min_amount=1, max_amount="250.5", currency="TRY", region="TR/İstanbul", scope="ORDER", priority=7)
    answer = rates.post(sent)
    assert answer.status_code == 201
    record = record_of(answer)
    assert answer.headers["location"] == f"{PATH}/{record['id']}"
    shown = rates.http.get(answer.headers["location"])
    assert shown.status_code == 200
    assert shown.json()["data"] == record
    assert shown.headers["etag"] == answer.headers["etag"]
    assert not answer.headers["etag"].startswith("W/")
    assert record["version"] == 1
    assert {name: record[name] for name in ("region", "scope", "priority", "is_active", "effective_to")} == {
        "region": "TR/İstanbul",
        "scope": "ORDER",
        "priority": 7,
        "is_active": True,
        "effective_to": None,
    }


@pytest.mark.parametrize(("currency", "written"), [("TRY", "51.00"), ("JPY", "51"), ("KWD", "51.000")])
def test_amounts_have_the_digits_of_their_currency(rates: Rates, currency: str, written: str) -> None:
    answer = rates.post(a_rate(commission_type="FLAT", rate=51, min_amount="51", max_amount=51.0, currency=currency))
    assert answer.status_code == 201
    for name in ("rate", "min_amount", "max_amount"):
        assert f'"{name}":{written},' in answer.text
    steps = rates.post(tiered() | {"currency": currency, "tiers": [{"up_to": 51, "rate": 10.50}, {"rate": 8}]})
    assert f'"up_to":{written}' in steps.text


def test_a_percentage_keeps_its_digits(rates: Rates) -> None:
    body = f'{{"commission_type": "PERCENTAGE", "rate": 12.50, "seller_id": "{uuid4()}"}}'
    answer = rates.http.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert '"rate":12.50,' in answer.text


def test_a_rate_without_a_start_counts_from_now(rates: Rates) -> None:
    before = datetime.now(UTC)
    record = rates.post({name: value for name, value in a_rate().items() if name != "effective_from"}).json()["data"]
    assert before - timedelta(seconds=1) <= instant(record["effective_from"]) <= datetime.now(UTC)
    assert record["effective_from"] == record["created_at"]


def test_an_end_before_a_start_of_now_is_refused(rates: Rates) -> None:
    answer = rates.post(a_rate(effective_from=None, effective_to="2020-01-01T00:00:00Z"))
    assert answer.status_code == 422
    assert pointers(answer) == ["/effective_to"]


def test_an_unknown_rate_is_not_found(rates: Rates) -> None:
    nobody = str(uuid4())
    answers = [rates.get(nobody), rates.put(nobody, a_rate()), rates.end(nobody), rates.history(nobody)]
    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "not-found")] * 4
    assert rates.get("not-a-uuid").status_code == 404


def test_a_replacement_is_whole_and_keeps_the_history(rates: Rates, worker: RunningService) -> None:
    first = rates.create(priority=3, region="TR")
    answer = rates.put(first["id"], tiered(region="TR/Ankara"))
    assert answer.status_code == 200, answer.text
    second = record_of(answer)
    assert second["version"] == 2
    assert (second["priority"], second["rate"], second["region"]) == (0, None, "TR/Ankara")
    third = record_of(rates.put(first["id"], a_rate(rate=1)))
    history = rates.history(first["id"])
    assert history.status_code == 200
    assert history.json() == {"success": True, "data": [third, second, first], "next_cursor": None}
    manager = worker.people["pricing_manager"].id
    assert [version["updated_by"] for version in history.json()["data"]] == [manager] * 3
    assert instant(first["updated_at"]) < instant(second["updated_at"]) < instant(third["updated_at"])
    assert third["created_at"] == first["created_at"]


def test_a_history_is_read_page_by_page(rates: Rates) -> None:
    rate_id = rates.create()["id"]
    for percent in range(1, 5):
        rates.put(rate_id, a_rate(rate=percent))
    versions, cursor = [], None
    for _ in range(3):
        page = rates.history(rate_id, limit=2, **({"cursor": cursor} if cursor else {})).json()
        versions += [version["version"] for version in page["data"]]
        cursor = page["next_cursor"]
    assert versions == [5, 4, 3, 2, 1]
    assert cursor is None
    assert rates.history(rate_id, cursor="nonsense").status_code == 422
    assert rates.history(rate_id, wat=1).status_code == 422


def test_a_replacement_without_a_start_keeps_it(rates: Rates) -> None:
    first = rates.create(effective_from="2025-06-01T12:00:00.123456Z")
    answer = rates.put(first["id"], a_rate(effective_from=None))
    assert answer.json()["data"]["effective_from"] == "2025-06-01T12:00:00.123456Z"
    refused = rates.put(first["id"], a_rate(effective_from=None, effective_to="2025-06-01T12:00:00.123456Z"))
    assert (refused.status_code, pointers(refused)) == (422, ["/effective_to"])


def test_what_is_shown_writes_back_as_no_change(rates: Rates) -> None:
    first = rates.create(currency="TRY", min_amount="1.5", split={"seller": 85})
    answer = rates.put(first["id"], content(first))
    assert record_of(answer) == first
    assert len(rates.history(first["id"]).json()["data"]) == 1


def test_a_stale_tag_changes_nothing(rates: Rates) -> None:
    first = rates.create()
    tag = rates.get(first["id"]).headers["etag"]
    written = rates.put(first["id"], a_rate(rate=1), **{"If-Match": tag})
    assert written.status_code == 200
    assert written.headers["etag"] != tag
    for refused in (
        rates.put(first["id"], a_rate(rate=2), **{"If-Match": tag}),
        rates.end(first["id"], **{"If-Match": tag}),
        rates.end(first["id"], **{"If-Match": "nonsense"}),
    ):
        assert (refused.status_code, code_of(refused)) == (412, "precondition-failed")
    assert rates.get(first["id"]).json()["data"] == record_of(written)
    assert rates.put(first["id"], a_rate(rate=3), **{"If-Match": "*"}).status_code == 200


@pytest.mark.long("two hundred races of two writers")
async def test_of_two_writers_with_one_tag_exactly_one_wins(rates: Rates, worker: RunningService) -> None:
    rate_id = rates.create()["id"]
    tag = rates.get(rate_id).headers["etag"]
    headers = worker.as_role("pricing_manager")
    async with httpx.AsyncClient(base_url=worker.url, timeout=30, headers=headers) as http:
        for turn in range(200):
            answers = await asyncio.gather(
                *(
                    http.put(f"{PATH}/{rate_id}", json=a_rate(priority=2 * turn + writer), headers={"If-Match": tag})
                    for writer in (0, 1)
                )
            )
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            (won,) = (answer for answer in answers if answer.status_code == 200)
            tag = won.headers["etag"]
            assert won.json()["data"]["version"] == turn + 2


def test_an_ended_rate_stays_ended(rates: Rates) -> None:
    rate = rates.create()
    answer = rates.end(rate["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    ended = rates.get(rate["id"]).json()["data"]
    assert instant(rate["created_at"]) < instant(ended["effective_to"]) <= datetime.now(UTC)
    assert ended["effective_to"] == ended["updated_at"]
    assert content(ended) == {**content(rate), "effective_to": ended["effective_to"]}
    assert rates.end(rate["id"]).status_code == 204
    assert rates.get(rate["id"]).json()["data"] == ended


def test_a_rate_that_has_not_begun_is_switched_off(rates: Rates) -> None:
    rate = rates.create(effective_from="2999-01-01T00:00:00Z")
    assert rates.end(rate["id"]).status_code == 204
    ended = rates.get(rate["id"]).json()["data"]
    assert content(ended) == {**content(rate), "is_active": False}
    assert rates.end(rate["id"]).status_code == 204
    assert rates.get(rate["id"]).json()["data"]["version"] == 2


@pytest.mark.parametrize(
    "same",
    [
        {},
        {"effective_from": "2026-02-01T00:00:00Z"},
        {"effective_from": "2025-01-01T00:00:00Z", "effective_to": "2026-01-01T00:00:00.000001Z"},
        {"rate": 1, "scope": "ORDER"},
        {"commission_type": "FLAT", "rate": 1},
        {"region": " tr/ISTANBUL"},
    ],
)
def test_an_exact_duplicate_is_refused_and_the_other_is_named(rates: Rates, same: dict[str, Any]) -> None:
    rate = a_rate(region="TR/İstanbul", currency="TRY", category_id=str(uuid4()), logistics_provider="Hızlı")
    first = rates.post(rate).json()["data"]
    answer = rates.post(rate | same)
    assert (answer.status_code, code_of(answer)) == (409, "rate-overlaps")
    assert answer.json()["rate_id"] == first["id"]
    assert first["id"] in answer.json()["detail"]


@pytest.mark.parametrize(
    "other",
    [
        {"seller_id": str(uuid4())},
        {"category_id": None},
        {"logistics_provider": "Other"},
        {"region": "TR/Ankara"},
        {"currency": "EUR"},
        {"currency": None},
        {"priority": 1},
        {"is_active": False},
        {"effective_to": "2026-01-01T00:00:00Z", "effective_from": "2025-01-01T00:00:00Z"},
    ],
)
def test_whatever_shows_two_rates_apart_lets_both_be(rates: Rates, other: dict[str, Any]) -> None:
    rate = a_rate(region="TR/İstanbul", currency="TRY", category_id=str(uuid4()), logistics_provider="Hızlı")
    assert rates.post(rate).status_code == 201
    assert rates.post(rate | other).status_code == 201


def test_a_replacement_that_overlaps_another_is_refused(rates: Rates) -> None:
    first = a_rate()
    taken = rates.post(first).json()["data"]
    second = rates.create(seller_id=first["seller_id"], priority=1)
    answer = rates.put(second["id"], first)
    assert (answer.status_code, code_of(answer), answer.json()["rate_id"]) == (409, "rate-overlaps", taken["id"])
    assert rates.get(second["id"]).json()["data"] == second
    rates.end(taken["id"])
    assert rates.put(second["id"], first | {"effective_from": "2998-01-01T00:00:00Z"}).status_code == 200


async def test_of_two_equal_rates_made_at_once_one_is_refused(worker: RunningService) -> None:
    headers = worker.as_role("pricing_manager")
    async with httpx.AsyncClient(base_url=worker.url, timeout=30, headers=headers) as http:
        for _ in range(20):
            rate = a_rate()
            answers = await asyncio.gather(*(http.post(PATH, json=rate) for _ in range(3)))
            assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


def test_every_change_is_audited_with_before_and_after(rates: Rates, worker: RunningService) -> None:
    first = rates.create()
    second = record_of(rates.put(first["id"], a_rate(rate=1)))
    rates.end(first["id"])
    third = rates.get(first["id"]).json()["data"]
    rows = worker.audited(first["id"])
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("rate.end", second, third),
        ("rate.replace", first, second),
        ("rate.create", None, first),
    ]
    manager = worker.people["pricing_manager"].id
    assert {(row["actor"], row["object_kind"]) for row in rows} == {(manager, "rate")}
    assert all(row["request_id"] for row in rows)


def test_a_repeat_with_the_same_key_is_answered_again(rates: Rates) -> None:
    rate, key = a_rate(), str(uuid4())
    first = rates.post(rate, **{"Idempotency-Key": key})
    again = rates.post(rate, **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    reused = rates.post(rate | {"priority": 9}, **{"Idempotency-Key": key})
    assert (reused.status_code, code_of(reused)) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("GET", f"{PATH}/{NOBODY}"),
        ("GET", f"{PATH}/{NOBODY}/history"),
        ("GET", EXPORT),
        ("POST", PATH),
        ("PUT", f"{PATH}/{NOBODY}"),
        ("DELETE", f"{PATH}/{NOBODY}"),
        ("PUT", BULK),
    ],
)
def test_who_may(worker: RunningService, method: str, path: str) -> None:
    assert worker.http.request(method, path).status_code == 401
    key = {"X-API-Key": worker.new_key("quote:write", "quote:read")}
    assert worker.http.request(method, path, headers=key).status_code == 403
    allowed = {
        role
        for role in ROLES
        if worker.http.request(method, path, headers=worker.as_role(role)).status_code not in (401, 403)
    }
    assert allowed == {"admin", "pricing_manager"} | ({"analyst"} if method == "GET" else set())


FAULTS = [
    ({"rate": -1}, "/rate"),
    ({"rate": "NaN"}, "/rate"),
    ({"rate": "Infinity"}, "/rate"),
    ({"rate": "1e400"}, "/rate"),
    ({"rate": "1_0"}, "/rate"),
    ({"rate": " 10"}, "/rate"),
    ({"rate": True}, "/rate"),
    ({"rate": 100.5}, "/rate"),
    ({"rate": 0.1234567}, "/rate"),
    ({"rate": None}, "/rate"),
    ({"commission_type": "FLAT", "rate": 1.234, "currency": "TRY"}, "/rate"),
    ({"commission_type": "FLAT", "rate": 1.5, "currency": "JPY"}, "/rate"),
    ({"commission_type": "FLAT", "rate": 10**13, "currency": "TRY"}, "/rate"),
    ({"commission_type": "PERCENT"}, "/commission_type"),
    ({"min_amount": -0.01, "currency": "TRY"}, "/min_amount"),
    ({"min_amount": 2, "max_amount": 1, "currency": "TRY"}, "/max_amount"),
    ({"currency": "ABC"}, "/currency"),
    ({"currency": "try"}, "/currency"),
    ({"region": "XX/Nowhere"}, "/region"),
    ({"region": ""}, "/region"),
    ({"region": "TR//"}, "/region"),
    ({"seller_id": "1"}, "/seller_id"),
    ({"logistics_provider": ""}, "/logistics_provider"),
    ({"logistics_provider": "x" * 101}, "/logistics_provider"),
    ({"logistics_provider": "a\u0000b"}, "/logistics_provider"),
    ({"effective_from": "2026-01-01T00:00:00"}, "/effective_from"),
    ({"effective_from": 1767225600}, "/effective_from"),
    ({"effective_from": "2026-01-01T00:00:00.1234567Z"}, "/effective_from"),
    ({"effective_to": "2026-01-01T00:00:00Z"}, "/effective_to"),
    ({"effective_to": "2026-01-01T02:00:00+03:00"}, "/effective_to"),
    ({"priority": 1.5}, "/priority"),
    ({"priority": 10**9}, "/priority"),
    ({"is_active": "yes"}, "/is_active"),
    ({"scope": "BASKET"}, "/scope"),
    ({"split": {"logistics": 1}}, "/split/logistics"),
    ({"category_id": str(uuid4()), "split": {"seller": 1, "category": -1}}, "/split/category"),
    ({"split": {"seller": 0}}, "/split"),
    ({"split": {"shopper": 1}}, "/split/shopper"),
    ({"tiers": [{"rate": 8}], "currency": "TRY"}, "/tiers"),
    ({"ratee": 1}, "/ratee"),
]
TIER_FAULTS = [
    ([{"up_to": 100, "rate": 10}], "/tiers/0/up_to"),
    ([{"rate": 10}, {"rate": 8}], "/tiers/0/up_to"),
    ([{"up_to": 100, "rate": 10}, {"up_to": 100, "rate": 9}, {"rate": 8}], "/tiers/1/up_to"),
    ([{"up_to": 0, "rate": 10}, {"rate": 8}], "/tiers/0/up_to"),
    ([{"up_to": 1.001, "rate": 10}, {"rate": 8}], "/tiers/0/up_to"),
    ([{"up_to": 1, "rate": 101}, {"rate": 8}], "/tiers/0/rate"),
    ([{"up_to": 1, "rate": 1, "rat": 1}, {"rate": 8}], "/tiers/0/rat"),
    ([{"up_to": 1}, {"rate": 8}], "/tiers/0/rate"),
    ([], "/tiers"),
    (None, "/tiers"),
]


@pytest.mark.parametrize(("fields", "pointer"), FAULTS)
def test_a_fault_is_refused_at_its_place(rates: Rates, fields: dict[str, Any], pointer: str) -> None:
    rate = a_rate(**fields)
    for answer in (rates.post(rate), rates.bulk([a_rate(), rate])):
        assert (answer.status_code, code_of(answer)) == (422, "validation-error")
    assert pointers(rates.post(rate)) == [pointer]
    assert pointers(rates.bulk([a_rate(), rate])) == [f"/1{pointer}"]


@pytest.mark.parametrize(("tiers", "pointer"), TIER_FAULTS)
def test_a_fault_of_tiers_is_refused_at_its_place(rates: Rates, tiers: Any, pointer: str) -> None:
    answer = rates.post(tiered() | {"tiers": tiers})
    assert (answer.status_code, pointers(answer)) == (422, [pointer])


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1_0", "01", "1.", "+1", "0x10"])
def test_a_number_that_is_no_json_is_malformed(rates: Rates, literal: str) -> None:
    body = f'{{"commission_type": "PERCENTAGE", "rate": {literal}}}'
    answer = rates.http.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, code_of(answer)) == (400, "malformed-json")


@pytest.mark.parametrize("literal", ["1e400", "1e-400", "1" * 5000, "0." + "1" * 5000])
def test_a_number_past_all_bounds_is_refused(rates: Rates, literal: str) -> None:
    body = f'{{"commission_type": "PERCENTAGE", "rate": {literal}}}'
    answer = rates.http.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, pointers(answer)) == (422, ["/rate"])


def test_all_faults_come_at_once(rates: Rates) -> None:
    answer = rates.post(a_rate(rate="x", seller_id=5, currency="TRY", priority="high", typo=1))
    assert answer.status_code == 422
    assert set(pointers(answer)) == {"/rate", "/seller_id", "/priority", "/typo"}
    answer = rates.post(a_rate(rate=101, currency="XXX", region="ZZ", split={"category": 1}))
    assert set(pointers(answer)) == {"/rate", "/currency", "/region", "/split/category"}
    assert details(answer)["/rate"] == "must be at most 100"


def test_a_field_given_twice_is_refused(rates: Rates) -> None:
    body = '{"commission_type": "PERCENTAGE", "rate": 1, "rate": 2}'
    answer = rates.http.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, pointers(answer)) == (422, ["/rate"])


def test_a_body_past_the_limit_is_refused(rates: Rates) -> None:
    answer = rates.post({"commission_type": "x" * (1 << 20)})
    assert (answer.status_code, code_of(answer)) == (413, "body-too-large")


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE commission_rates; --", "../../etc/passwd", "=1+1", "%s{0}$1", "\U0001f4a9"]
)
def test_hostile_texts_are_only_texts(rates: Rates, text: str) -> None:
    record = rates.create(logistics_provider=text)
    assert record["logistics_provider"] == text
    assert [found["id"] for found in rates.found(logistics_provider=text)] == [record["id"]]


def test_regions_are_kept_as_written_and_folded_to_compare(rates: Rates, worker: RunningService) -> None:
    record = rates.create(region="TR/İSTANBUL/Kadıköy")
    assert record["region"] == "TR/İSTANBUL/Kadıköy"
    (row,) = worker.rows("SELECT region_key FROM commission_rates WHERE id = $1", record["id"])
    assert row["region_key"] == region_key("tr/istanbul/kadikoy")


def test_a_rate_says_what_a_refund_gives_back_and_its_history_what_it_said(
    rates: Rates, worker: RunningService
) -> None:
    made = rates.create()
    assert made["on_refund"] == "reverse"
    draft = {name: made[name] for name in a_rate()}
    kept = record_of(rates.put(made["id"], {**draft, "on_refund": "keep"}))
    assert (kept["on_refund"], kept["version"]) == ("keep", 2)
    assert [each["on_refund"] for each in rates.history(made["id"]).json()["data"]] == ["keep", "reverse"]
    for refused in ("some", None, True):
        assert pointers(rates.put(made["id"], {**draft, "on_refund": refused})) == ["/on_refund"]
    rates.end(made["id"])
    assert rates.get(made["id"]).json()["data"]["on_refund"] == "keep"
    wanted = [UUID(made["id"]), UUID(rates.create()["id"]), uuid4()]

    async def work(database: Database) -> list[dict[UUID, Any]]:
        async with database.read() as connection:
            return [await refund_rules(connection, wanted), await refund_rules(connection, ())]

    assert worker.in_database(work) == [{wanted[0]: "keep", wanted[1]: "reverse"}, {}]
