"""Endpoints and deliveries over the API of a running service; source: docs/spec/webhooks.md#endpoints-in-the-api."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from tests.conftest import eventually
from tests.webhooks.receiver import Receiver, answer, receiving

URL = "/api/v1/webhooks"


class Api:
    """The admin, without holding up the receiver in this process."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    async def ask(self, method: str, path: str = "", status: int = 200, **more: Any) -> Any:
        answered = await asyncio.to_thread(self.client.request, method, URL + path, **more)
        assert answered.status_code == status, answered.text
        body = answered.json() if answered.content else {}
        return body.get("data", body)

    async def create(self, url: str, *patterns: str, **more: Any) -> dict[str, Any]:
        body = {"url": url, "event_types": list(patterns) or ["*"], **more}
        made: dict[str, Any] = await self.ask("POST", status=201, json=body)
        return made

    async def delivery(self, endpoint: dict[str, Any], event_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask("GET", f"/{endpoint['id']}/deliveries/{event_id}")
        return found

    async def until_state(self, endpoint: dict[str, Any], event_id: str, state: str) -> dict[str, Any]:
        async def holds() -> bool:
            return bool((await self.delivery(endpoint, event_id))["state"] == state)

        await eventually(holds, f"the delivery is {state}")
        return await self.delivery(endpoint, event_id)


@pytest.fixture
async def api(admin: httpx.Client) -> AsyncIterator[Api]:
    api = Api(admin)
    yield api
    for endpoint in await api.ask("GET", "?limit=200"):
        await api.ask("DELETE", f"/{endpoint['id']}", 204)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def test_the_secret_is_shown_once(api: Api, receiver: Receiver, admin: httpx.Client) -> None:
    made = await api.create(receiver.url(), "rate.*", description="orders")
    assert made["secret"].startswith("whsec_")
    shown = await api.ask("GET", f"/{made['id']}")
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert [each["id"] for each in await api.ask("GET")] == [made["id"]]
    changed = await api.ask("PATCH", f"/{made['id']}", json={"description": "other"})
    assert "secret" not in changed
    assert (changed["description"], changed["version"]) == ("other", 2)
    audit = await asyncio.to_thread(admin.get, "/api/v1/audit", params={"object_id": made["id"]})
    assert [row["action"] for row in audit.json()["data"]] == ["webhook.update", "webhook.create"]
    assert made["secret"] not in audit.text


async def test_a_repeat_of_a_creation_gets_the_same_secret(api: Api, receiver: Receiver) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first, second = [
        await api.ask("POST", status=201, json={"url": receiver.url(), "event_types": ["*"]}, headers=headers)
        for _ in range(2)
    ]
    assert first == second


async def test_what_is_written_is_checked(api: Api) -> None:
    bad = {"url": "http://10.0.0.1/", "event_types": ["rate.created", "rate.*", "rate.*", "nothing", "rate"]}
    answered = await asyncio.to_thread(api.client.post, URL, json=bad)
    assert answered.status_code == 422
    faults = {each["pointer"] for each in answered.json()["errors"]}
    assert faults == {"/url", "/event_types/2", "/event_types/3", "/event_types/4"}
    await api.ask("POST", status=422, json={"url": "https://shop.example/", "event_types": []})
    await api.ask("GET", f"/{uuid4()}", 404)
    await api.ask("GET", f"/{uuid4()}/deliveries", 404)


async def test_a_change_of_another_version_is_refused(api: Api, receiver: Receiver) -> None:
    made = await api.create(receiver.url())
    tag = {"If-Match": f'"{made["id"]}.7"'}
    await api.ask("PATCH", f"/{made['id']}", 412, json={"description": "x"}, headers=tag)
    await api.ask("DELETE", f"/{made['id']}", 412, headers=tag)


async def test_a_test_call_is_sent_to_a_disabled_endpoint_too(api: Api, receiver: Receiver) -> None:
    made = await api.create(receiver.url(), is_enabled=False)
    reported = await api.ask("POST", f"/{made['id']}/test", 201)
    (request,) = await receiver.until(1)
    assert (request.id, request.event["type"]) == (reported["id"], "webhook.test")
    Webhook(made["secret"]).verify(request.body, request.headers)
    delivered = await api.until_state(made, reported["id"], "delivered")
    assert delivered["last_status"] == 204
    assert delivered["event"] == request.event


async def test_a_test_that_fails_is_not_repeated(api: Api, receiver: Receiver) -> None:
    receiver.answers = lambda _: answer(401, b"who are you?")
    made = await api.create(receiver.url())
    reported = await api.ask("POST", f"/{made['id']}/test", 201)
    parked = await api.until_state(made, reported["id"], "parked")
    assert (parked["last_status"], parked["last_answer"]) == (401, "who are you?")
    assert (await api.ask("GET", f"/{made['id']}"))["failing_since"] is None


async def test_a_rotated_secret_signs_beside_the_former_one(api: Api, receiver: Receiver) -> None:
    made = await api.create(receiver.url())
    rotated = await api.ask("POST", f"/{made['id']}/rotate-secret")
    assert rotated["secret"] != made["secret"]
    assert rotated["former_secret_until"] is not None
    await api.ask("POST", f"/{made['id']}/test", 201)
    (request,) = await receiver.until(1)
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(request.body, request.headers)
    last = await api.ask("POST", f"/{made['id']}/rotate-secret", json={"keep_former_seconds": 0})
    assert last["former_secret_until"] is None
    await api.ask("POST", f"/{made['id']}/test", 201)
    request = (await receiver.until(2))[-1]
    assert " " not in request.headers["webhook-signature"]
    Webhook(last["secret"]).verify(request.body, request.headers)


async def test_deliveries_are_listed_and_replayed(api: Api, receiver: Receiver, admin: httpx.Client) -> None:
    receiver.answers = lambda _: answer(500)
    made = await api.create(receiver.url(), "sale.*", "rule.created")
    names = [await create_rule(admin) for _ in range(3)]
    requests = await receiver.until(3)
    assert {each.event["data"]["name"] for each in requests} == set(names)
    # Disabled by hand, what waits is parked, and nothing more is kept.
    await api.ask("PATCH", f"/{made['id']}", json={"is_enabled": False})
    await create_rule(admin)
    parked = await api.ask("GET", f"/{made['id']}/deliveries?state=parked&type=rule.created")
    assert len(parked) == 3
    assert [each["id"] for each in parked] == sorted((each["id"] for each in parked), reverse=True)
    assert await api.ask("GET", f"/{made['id']}/deliveries?state=delivered") == []
    await api.ask("POST", f"/{made['id']}/replay", 409)
    await api.ask("POST", f"/{made['id']}/deliveries/{parked[0]['id']}/replay", 409)
    await api.ask("PATCH", f"/{made['id']}", json={"is_enabled": True})
    receiver.answers = lambda _: answer(204)
    before = len(receiver.requests)
    later = {"from": parked[1]["time"]}
    assert await api.ask("POST", f"/{made['id']}/replay", json=later) == {"replayed": 2, "has_more": False}
    for each in parked[:2]:
        await api.until_state(made, each["id"], "delivered")
    assert set(receiver.ids()[before:]) == {each["id"] for each in parked[:2]}
    assert await api.ask("POST", f"/{made['id']}/replay") == {"replayed": 1, "has_more": False}
    await api.until_state(made, parked[2]["id"], "delivered")
    # What was delivered can be sent once more, by itself.
    again = await api.ask("POST", f"/{made['id']}/deliveries/{parked[2]['id']}/replay")
    assert again["state"] == "pending"
    await eventually(lambda: receiver.ids()[before:].count(parked[2]["id"]) == 2, "it is sent again")


async def test_pages_of_deliveries(api: Api, receiver: Receiver) -> None:
    made = await api.create(receiver.url())
    sent = [(await api.ask("POST", f"/{made['id']}/test", 201))["id"] for _ in range(5)]
    seen, cursor = [], ""
    while True:
        path = f"{URL}/{made['id']}/deliveries?limit=2{cursor}"
        page = (await asyncio.to_thread(api.client.get, path)).json()
        seen += [each["id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(sent, reverse=True)


async def test_a_deleted_endpoint_gets_nothing(api: Api, receiver: Receiver, admin: httpx.Client) -> None:
    deleted = await api.create(receiver.url("/deleted"), "rule.created")
    await api.create(receiver.url("/kept"), "rule.created")
    await api.ask("DELETE", f"/{deleted['id']}", 204)
    await create_rule(admin)
    await receiver.until(1, "/kept")
    assert receiver.ids("/deleted") == []
    await api.ask("GET", f"/{deleted['id']}", 404)
    await api.ask("POST", f"/{deleted['id']}/test", 404)


async def create_rule(admin: httpx.Client) -> str:
    name = f"rule {uuid4()}"
    body = {"name": name, "type": "TAX", "configuration": {"rate": 18}, "region": f"TR/city-{uuid4()}"}
    made = await asyncio.to_thread(admin.post, "/api/v1/pricing-rules", json=body)
    assert made.status_code == 201, made.text
    return name
