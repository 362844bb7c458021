"""What releases before the scope QUOTE wrote means what it meant. Source: docs/spec/commission.md#scopes-of-earlier-releases."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.commission.rate import RateDraft
from quote_service.quotes.operations.explain_quote import explain_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import accepted_quote
from quote_service.steering.replay.model.supposed_change import SupposedChange, change_text, read_change, shown_change
from quote_service.steering.rulebook_files.model.rulebook_file import read_file
from quote_service.steering.rulebook_files.model.yaml_text import read_yaml
from tests.access.running import until
from tests.change_sets.desk import SETS, Desk
from tests.postgres.rows import insert_rate

TIERS = [{"up_to": 100, "rate": 10}, {"up_to": None, "rate": 5}]
TIERED = {"commission_type": "TIERED", "rate": None, "tiers": TIERS, "currency": "TRY"}
FLAT = {"commission_type": "FLAT", "rate": "0.40", "scope": "ORDER", "currency": "TRY"}
COLUMNS = "scope, by_seller"


def written_before(desk: Desk, **columns: Any) -> dict[str, Any]:
    """A rate as a process of the release before writes it: without the column that came with this one."""
    row = {"seller_id": None, "category_id": new_id(), **columns}

    async def work(database: Database) -> str:
        async with database.transaction() as connection:
            return await insert_rate(connection, **row)

    return desk.rate_now(str(desk.service.in_database(work)))


def kept(desk: Desk, statement: str, *arguments: Any) -> Any:
    async def work(database: Database) -> Any:
        async with database.transaction() as connection:
            return await connection.fetchrow(statement, *arguments)

    return desk.service.in_database(work)


def draft_of(rate: dict[str, Any]) -> dict[str, Any]:
    return {name: rate[name] for name in RateDraft.__struct_fields__}


def two_sellers(desk: Desk, category_id: str) -> dict[str, Any]:
    """A quote for 100.00 of one seller and 900.00 of another."""
    sellers = [str(uuid4()) for _ in range(2)]
    items = [
        {
            "product_id": str(uuid4()),
            "seller_id": seller,
            "quantity": 1,
            "unit_price": price,
            "category_id": category_id,
        }
        for seller, price in zip(sellers, (100, 900), strict=True)
    ]
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": sellers[0],
        "items": items,
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }
    answer = desk.service.http.post("/api/v1/quote", json=basket, headers=desk.service.as_role("admin"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def commissions(quote: dict[str, Any]) -> list[tuple[str, float]]:
    return [(each["scope"], each["amount"]) for each in quote["commission_breakdown"]["details"]]


@pytest.mark.parametrize(
    ("columns", "before", "after"),
    [(TIERED, (5.50, 49.50), (10.00, 50.00)), (FLAT, (0.04, 0.36), (0.40, 0.40))],
)
def test_a_rate_of_before_charges_what_it_did_until_somebody_replaces_it(
    desk: Desk, columns: dict[str, Any], before: tuple[float, float], after: tuple[float, float]
) -> None:
    old = written_before(desk, **columns)
    assert (old["scope"], old["version"]) == ("QUOTE", 1)
    category = old["category_id"]
    pooled = list(zip(["QUOTE"] * 2, before, strict=True))
    until(lambda: commissions(two_sellers(desk, category)) == pooled, "the rate is charged on both sellers together")
    # As it is shown it is sent back, and nothing is written.
    path = f"/commission-rates/{old['id']}"
    assert desk.done("PUT", path, draft_of(old))["version"] == 1
    new = desk.done("PUT", path, {**draft_of(old), "scope": "ORDER"})
    assert (new["scope"], new["version"]) == ("ORDER", 2)
    alone = list(zip(["ORDER"] * 2, after, strict=True))
    until(lambda: commissions(two_sellers(desk, category)) == alone, "each seller pays the rate alone")
    history = desk.ask("GET", f"{path}/history").json()["data"]
    assert [each["scope"] for each in history] == ["ORDER", "QUOTE"]
    again = desk.done("PUT", path, {**draft_of(old), "scope": "QUOTE"})
    assert (again["scope"], again["version"]) == ("QUOTE", 3)


def test_the_release_before_reads_a_rate_across_sellers_as_it_did(desk: Desk) -> None:
    """It knows no QUOTE, and would charge each unit."""
    rows = []
    for scope in ("QUOTE", "ORDER", None, "LINE"):
        draft = {**TIERED, "scope": scope, "category_id": str(uuid4())}
        rate = desk.done("POST", "/commission-rates", draft)
        assert rate["scope"] == scope
        rows.append(tuple(kept(desk, f"SELECT {COLUMNS} FROM commission_rates WHERE id = $1", rate["id"])))
    assert rows == [("ORDER", False), ("ORDER", True), (None, True), ("LINE", False)]


def test_a_quote_of_the_release_before_is_explained_by_the_same_rate(desk: Desk) -> None:
    old = written_before(desk, **TIERED)
    until(lambda: commissions(two_sellers(desk, old["category_id"])) != [], "the rate is charged")
    quote = two_sellers(desk, old["category_id"])
    answer = desk.service.http.post(f"/api/v1/quotes/{quote['quote_id']}/accept", headers=desk.service.as_role("admin"))
    assert answer.status_code == 200, answer.text

    async def agrees(database: Database, said: str, amount: str | None) -> bool | None:
        async with database.read() as connection:
            accepted = await accepted_quote(connection, quote["quote_id"])
        assert accepted is not None
        issued = parse_exact(accepted.data)
        detail = issued["commission_breakdown"]["details"][0]
        detail["scope"] = said
        if amount is not None:
            detail["amount"] = parse_exact(amount)
        of_then = msgspec.structs.replace(accepted, data=write_document(issued))
        return (await explain_quote(database, of_then, decode_basket)).agrees

    found = [
        desk.service.in_database(lambda database, case=case: agrees(database, *case))  # type: ignore[misc]  # a case each
        for case in (("QUOTE", None), ("ORDER", None), ("ORDER", "10.00"), ("LINE", None))
    ]
    assert found == [True, True, False, False]


def test_a_draft_of_before_in_a_change_set_is_published_as_it_was_meant(desk: Desk) -> None:
    drafts = [
        {**TIERED, "category_id": str(uuid4())},
        {**FLAT, "rate": 0.40, "category_id": str(uuid4())},
        {**FLAT, "rate": 0.40, "category_id": str(uuid4()), "scope": "UNIT"},
    ]
    made = desk.drafted(rates=[{"action": "create", "draft": draft} for draft in drafts])
    assert [each["draft"]["scope"] for each in made["rates"]] == [None, "ORDER", "UNIT"]
    (text,) = kept(desk, "SELECT content::text FROM change_sets WHERE id = $1", made["id"])
    content = json.loads(text)
    # The release before refuses the member rather than publish such a rate for all sellers together.
    assert [each["draft"].pop("by_seller", None) for each in content["rates"]] == [True, True, None]
    kept(desk, "UPDATE change_sets SET content = $2::text::json WHERE id = $1", made["id"], json.dumps(content))
    assert [each["draft"]["scope"] for each in desk.shown(made)["rates"]] == ["QUOTE", "QUOTE", "UNIT"]
    published = desk.published(made)
    assert [desk.rate_now(each["rate_id"])["scope"] for each in published["rates"]] == ["QUOTE", "QUOTE", "UNIT"]
    back = desk.done("POST", f"{SETS}/{made['id']}/rollback")
    assert back["status"] == "rolled_back"


@pytest.mark.parametrize(
    ("scope", "before"), [("ORDER", "QUOTE"), ("QUOTE", "QUOTE"), (None, "QUOTE"), ("LINE", "LINE")]
)
def test_what_a_waiting_replay_supposes_keeps_its_meaning(scope: Any, before: str) -> None:
    draft = convert_exact(parse_exact(json.dumps({**TIERED, "scope": scope})), RateDraft)
    written = change_text(SupposedChange(draft_rates=[draft]))
    assert read_change(written).draft_rates == [draft]
    assert json.loads(shown_change(written))["draft_rates"][0]["scope"] == scope
    of_before = json.dumps({"draft_rates": [{**TIERED, "scope": "ORDER" if scope == "QUOTE" else scope}]})
    assert read_change(of_before).draft_rates[0].scope == before


@pytest.mark.parametrize(
    ("form", "lines", "scopes"),
    [(1, ("scope: ORDER", "priority: 1", "scope: LINE"), ["QUOTE", "QUOTE", "LINE"]),
     (2, ("scope: ORDER", "priority: 1", "scope: QUOTE"), ["ORDER", None, "QUOTE"])],
)  # fmt: skip
def test_a_file_means_what_its_format_says(form: int, lines: tuple[str, ...], scopes: list[str | None]) -> None:
    rates = "".join(
        f"  - commission_type: TIERED\n    tiers:\n      - rate: 10\n    currency: TRY\n    {line}\n" for line in lines
    )
    file = read_file(read_yaml(f"format: {form}\nrates:\n{rates}"), lambda *_: pytest.fail("there is no rule"))
    assert [rate.scope for rate in file.rates or []] == scopes
