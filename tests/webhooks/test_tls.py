"""TLS goes to the address that was checked, and to the name that was asked for; source: docs/spec/webhooks.md#addresses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fixtures.certificate import signed_by_itself
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_client import a_client, names_lead_to, reason

NAME = "hook.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME with its key, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(b"".join(signed_by_itself(NAME)))
    return path


@asynccontextmanager
async def receiving_by_tls(certificate: Path) -> AsyncIterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


async def test_a_certificate_must_be_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["127.0.0.1"])
    async with receiving_by_tls(certificate) as receiver, a_client() as client:
        reported = await reason(client, f"https://{NAME}:{receiver.port}/")
        assert reported.startswith("The certificate was not accepted")
        assert receiver.requests == []


async def test_it_must_be_for_the_name_that_was_asked_for(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with receiving_by_tls(certificate) as receiver, a_client() as client:
        assert (await client.post(f"https://{NAME}:{receiver.port}/hook", {}, b"{}")).status == 204
        reported = await reason(client, f"https://other.example:{receiver.port}/hook")
        assert reported.startswith("The certificate was not accepted")
        assert len(receiver.requests) == 1


async def test_a_server_without_tls_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    names_lead_to(monkeypatch, ["127.0.0.1"])
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with a_client(timeout_seconds=5) as client:
        assert await reason(client, f"https://{NAME}:{port}/")
    assert receiver.requests == []
    server.close()
