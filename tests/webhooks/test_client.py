"""The client against servers that behave badly, and names that lead elsewhere; source: docs/spec/webhooks.md#addresses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import ANSWER_BYTES_MAX, NoAnswer, OutboundClient
from tests.webhooks.receiver import answer, receiving

LOOPBACK = Networks(["127.0.0.0/8", "::1/128"])
PATIENT = 60.0


@asynccontextmanager
async def a_client(networks: Networks = LOOPBACK, timeout_seconds: float = PATIENT) -> AsyncIterator[OutboundClient]:
    client = OutboundClient(networks, timeout_seconds)
    try:
        yield client
    finally:
        await client.aclose()


async def reason(client: OutboundClient, url: str) -> str:
    with pytest.raises(NoAnswer) as refused:
        await client.post(url, {}, b"{}")
    return refused.value.reason


async def test_what_is_sent_arrives_and_the_answer_comes_back() -> None:
    async with receiving(answers=lambda _: answer(418, b"short", X_Odd="yes")) as receiver, a_client() as client:
        given = await client.post(receiver.url("/hook?a=b"), {"X-One": "1"}, b'{"x":1}')
        assert (given.status, given.headers["x-odd"], given.body) == (418, "yes", b"short")
        request = receiver.requests[0]
        assert (request.path, request.body, request.headers["x-one"]) == ("/hook?a=b", b'{"x":1}', "1")
        assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
        await client.post(receiver.url(), {}, b"")
        assert receiver.connections == 1  # kept alive


async def test_a_server_that_does_not_answer_is_given_up() -> None:
    async with receiving(hanging=True) as receiver, a_client(timeout_seconds=0.2) as client:
        assert await reason(client, receiver.url()) == "No answer within 0.2 s"
        await receiver.until(1)


async def test_an_answer_that_never_ends_is_read_so_far() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * (4 * ANSWER_BYTES_MAX)
    async with receiving(answers=lambda _: huge) as receiver, a_client() as client:
        given = await client.post(receiver.url(), {}, b"")
        assert given.body == b"x" * ANSWER_BYTES_MAX
        await client.post(receiver.url(), {}, b"")
        assert receiver.connections == 2  # the rest was not waited for


async def test_a_head_without_end_is_refused() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000
    async with receiving(answers=lambda _: head) as receiver, a_client() as client:
        assert "ended before an answer" in await reason(client, receiver.url())


@pytest.mark.parametrize("given", [None, b"not http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"[:25]])
async def test_what_is_no_answer_is_none(given: bytes | None) -> None:
    def once(_: Any) -> bytes | None:
        return given

    async with receiving(answers=once) as receiver, a_client(timeout_seconds=0.5) as client:
        assert await reason(client, receiver.url())
        receiver.answers = lambda _: answer(200)
        assert (await client.post(receiver.url(), {}, b"")).status == 200


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as private, receiving() as receiver, a_client() as client:
        receiver.answers = lambda _: answer(307, Location=private.url("/private"))
        assert (await client.post(receiver.url(), {}, b"{}")).status == 307
        assert private.connections == 0


async def test_a_server_that_is_not_there_is_reported() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        async with a_client() as client:
            assert "refused or could not" in await reason(client, f"http://127.0.0.1:{held.getsockname()[1]}/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_nothing_is_sent_to_addresses_that_are_not_public(host: str) -> None:
    async with receiving() as receiver, a_client(Networks()) as client:
        assert await reason(client, receiver.url(host=host)) == "The address is not a public one"
        assert receiver.connections == 0


async def test_a_name_is_resolved_once_and_the_connection_goes_where_it_led(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up, which could lead elsewhere, does not happen between the check and the connection."""
    asked = names_lead_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    async with receiving() as receiver, a_client() as client:
        assert (await client.post(receiver.url(host="hook.example"), {}, b"")).status == 204
        assert asked == ["hook.example"]
        assert receiver.requests[0].headers["host"] == f"hook.example:{receiver.port}"


async def test_a_name_with_one_address_that_is_not_public_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["8.8.8.8", "127.0.0.1"])
    async with receiving() as receiver, a_client(Networks()) as client:
        assert await reason(client, receiver.url(host="hook.example")) == "The address is not a public one"
        assert receiver.connections == 0


async def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["127.0.0.77", "127.0.0.1"])
    async with receiving() as receiver, a_client() as client:  # which listens on 127.0.0.1 alone
        assert (await client.post(receiver.url(host="hook.example"), {}, b"")).status == 204


async def test_a_name_that_nobody_knows_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with a_client() as client:
        assert await reason(client, "https://nobody.example/") == "The name is not known"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver, a_client() as client:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert (await client.post(receiver.url(), {}, b"")).status == 204
        assert proxy.connections == 0


def names_lead_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have the system's resolver answer so, the last one again and again; the names it was asked for."""
    asked: list[str] = []
    left = list(answers)

    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    return asked
