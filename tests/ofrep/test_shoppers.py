"""A shopper evaluates as the shopper alone: what flags say to a shopper, a quote would go by.

Source: docs/spec/ofrep.md#shoppers.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.feature_flags.conftest import PASSWORD, new_key
from tests.ofrep.conftest import created
from tests.ofrep.server import BULK, EVENTS, OfrepServer, eventually
from tests.ofrep.test_black_box import failure

USERS = "/api/v1/users"


class Shopper(NamedTuple):
    id: str
    server: OfrepServer


@pytest.fixture(scope="module")
def shopper(here: OfrepServer, flag_admin: httpx.Client) -> Shopper:
    email = f"{secrets.token_hex(8)}@example.com"
    made = flag_admin.post(USERS, json={"email": email, "password": PASSWORD, "role": "user"})
    assert made.status_code == 201, made.text
    session = httpx.post(f"{here.url}/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    return Shopper(made.json()["data"]["id"], OfrepServer(here.url, headers))


@pytest.fixture(scope="module")
def flags(here: OfrepServer, flag_admin: httpx.Client) -> dict[str, str]:
    """A flag that quotes show, one that they do not, and one for gold customers."""
    drafts: dict[str, dict[str, Any]] = {
        "shown": {"rollout": {"percentage": 50}},
        "hidden": {"expose_in_quote": False},
        "gold": {"rollout": {"customer_tiers": ["gold"]}},
    }
    keys = {}
    for name, members in drafts.items():
        draft = {"key": new_key(), "type": "BOOLEAN", "value": True, "is_enabled": True, **members}
        keys[name] = str(created(flag_admin, **draft)["key"])
    for key in keys.values():
        eventually(lambda key=key: here.one(key, {"targetingKey": "u"}).status_code == 200, key)  # type: ignore[misc]
    return keys


def test_a_shopper_is_the_targeting_key(here: OfrepServer, shopper: Shopper, flags: dict[str, str]) -> None:
    body = here.one(flags["shown"], {"targetingKey": shopper.id}).json()
    for context in ({}, {"targetingKey": shopper.id}, {"targetingKey": shopper.id.upper()}):
        assert shopper.server.one(flags["shown"], context).json() == body
    for other in (str(uuid4()), "somebody"):
        failure(shopper.server.one(flags["shown"], {"targetingKey": other}), 403, "GENERAL", flags["shown"])
        failure(shopper.server.all({"targetingKey": other}), 403, "GENERAL")


def test_a_shopper_hears_of_what_quotes_show(here: OfrepServer, shopper: Shopper, flags: dict[str, str]) -> None:
    assert here.one(flags["hidden"]).status_code == 200
    failure(shopper.server.one(flags["hidden"]), 404, "FLAG_NOT_FOUND", flags["hidden"])
    keys = {item["key"] for item in shopper.server.all().json()["flags"]}
    assert flags["shown"] in keys
    assert flags["hidden"] not in keys


@pytest.mark.parametrize("member", [{"tier": "gold"}, {"segments": ["vip"]}, {"ab_test_group": "a"}])
def test_a_shopper_does_not_say_what_the_shop_says(
    shopper: Shopper, flags: dict[str, str], member: dict[str, Any]
) -> None:
    reported = failure(shopper.server.one(flags["gold"], member), 400, "INVALID_CONTEXT", flags["gold"])
    assert next(iter(member)) in reported["errorDetails"]


def test_a_shoppers_tier_is_that_of_the_record(
    shopper: Shopper, flags: dict[str, str], flag_admin: httpx.Client
) -> None:
    assert shopper.server.one(flags["gold"]).json()["reason"] == "DEFAULT"
    record = {"id": shopper.id, "email": f"{shopper.id}@example.com", "tier": "gold"}
    assert flag_admin.post("/api/v1/customers", json=record).status_code == 201
    eventually(lambda: shopper.server.one(flags["gold"]).json()["reason"] == "TARGETING_MATCH", "the tier is known")


@pytest.fixture
def streams() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_shopper_has_so_many_streams_and_no_more(shopper: Shopper, streams: ExitStack) -> None:
    opened = [streams.enter_context(shopper.server.events()) for _ in range(10)]
    assert all(each.block() for each in opened)
    with shopper.server.client() as client:
        refused = failure(client.get(EVENTS), 429, "GENERAL")
        assert "10" in refused["errorDetails"]
        assert client.post(BULK, json={"context": {}}).status_code == 200
    del opened
    streams.close()
    with shopper.server.client() as client:

        def has_room() -> bool:
            with client.stream("GET", EVENTS) as answer:
                return answer.status_code == 200

        eventually(has_room, "the streams are closed")


def test_a_shopper_does_not_hear_of_a_change_of_what_quotes_do_not_show(
    here: OfrepServer, shopper: Shopper, flag_admin: httpx.Client
) -> None:
    keys = {shown: new_key() for shown in (False, True)}
    with here.events() as all_events, shopper.server.events() as events:
        for listened in (all_events, events):
            listened.block()
        for shown, key in keys.items():
            draft = {"key": key, "type": "BOOLEAN", "value": True, "expose_in_quote": shown}
            created(flag_admin, **draft)
            eventually(lambda key=key: here.one(key).status_code == 200, key)  # type: ignore[misc]
            if not shown:
                all_events.event()
        events.event()
        assert keys[True] in {item["key"] for item in shopper.server.all().json()["flags"]}
