"""A database of an older release: what today's write refuses is loaded, prices as it did, and is not written again.

Source: docs/decisions/rules-of-older-releases.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from tests.fixtures.serve import Served, a_basket, in_database, served
from tests.pricing_rules.drafts import PATH, new_name, pointers

# As they were taken once, and as they have to be written now.
LOT = {"kind": "fixed_price", "value": 30}
DELIVERY = {"kind": "percent", "value": 50, "applies_to": "delivery", "funded_by": "seller"}


@pytest.fixture(scope="module")
def database_of_old(new_database_url: Any, server_folder: Path, redis_url: str) -> tuple[str, dict[str, str]]:
    """Rules written by today's service, then put back into the form of an older one."""
    url = new_database_url()
    ids = {}
    with served(server_folder, url, redis_url) as service, service.admin() as admin:
        fee = {"name": new_name(), "type": "DELIVERY_FEE", "currency": "TRY", "configuration": {"base_fee": 20}}
        assert admin.post(PATH, json=fee).status_code == 201
        for name, now in (("lot", {**LOT, "applies_to": "lines"}), ("delivery", {**DELIVERY, "funded_by": "platform"})):
            draft = {"name": name, "type": "PROMOTION", "currency": "TRY", "configuration": now}
            made = admin.post(PATH, json=draft)
            assert made.status_code == 201, made.text
            ids[name] = made.json()["data"]["id"]

    async def age(database: Database) -> None:
        async with database.transaction() as connection:
            # A version's content cannot be changed in any other way.
            await connection.execute("ALTER TABLE pricing_rules DISABLE TRIGGER USER")
            for name, old in (("lot", LOT), ("delivery", DELIVERY)):
                await connection.execute(
                    "UPDATE pricing_rules SET configuration = $2::jsonb WHERE name = $1", name, json.dumps(old)
                )
            await connection.execute("ALTER TABLE pricing_rules ENABLE TRIGGER USER")

    in_database(url, age)
    return url, ids


@pytest.fixture(scope="module")
def running(
    database_of_old: tuple[str, dict[str, str]], server_folder: Path, redis_url: str
) -> Iterator[tuple[Served, dict[str, str]]]:
    url, ids = database_of_old
    with served(server_folder, url, redis_url) as service:
        yield service, ids


def test_it_starts_and_prices_as_it_did(running: tuple[Served, dict[str, str]]) -> None:
    service, _ = running
    with service.checkout() as checkout:
        answer = checkout.post("/api/v1/quote", json=a_basket())
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert (data["discount_amount"], data["subtotal"], data["delivery_fee"]) == (21.0, 30.0, 10.0)
    (step,) = [each for each in data["pricing_breakdown"]["calculations"] if each["step"] == "delivery_discount"]
    assert step["inputs"]["platform_funded"] == 10.0


def test_the_check_shows_of_the_price_for_the_lot(running: tuple[Served, dict[str, str]]) -> None:
    service, ids = running
    with service.admin() as admin:
        found = admin.post("/api/v1/rulebook/check").json()["data"]["findings"]
    assert ids["lot"] in [each["rows"][0]["id"] for each in found if each["code"] == "deep-discount"]


@pytest.mark.parametrize(("name", "field"), [("lot", "applies_to"), ("delivery", "funded_by")])
def test_it_is_not_written_again(running: tuple[Served, dict[str, str]], name: str, field: str) -> None:
    service, ids = running
    with service.admin() as admin:
        held = admin.get(f"{PATH}/{ids[name]}").json()["data"]
        assert pointers(admin.post(f"{PATH}/{ids[name]}/rollback")) == [f"/configuration/{field}"]
        draft = {each: held[each] for each in ("name", "type", "currency", "configuration")}
        assert pointers(admin.put(f"{PATH}/{ids[name]}", json=draft)) == [f"/configuration/{field}"]
