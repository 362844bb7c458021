"""A pooler that does not keep the settings of a session is told at the start, and nothing runs behind it.

Source: docs/spec/operations.md#production.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from quote_service.lab.embedded.ports import free_port
from quote_service.serving.cli import main
from tests.cli.test_commands import PRODUCTION

Manner = Literal["refuses", "forgets", "keeps"]
OWN = (b"user", b"database", b"application_name", b"client_encoding")


class Pooler:
    """Passes a connection on as PgBouncer does: the parameters of a session refused, forgotten, or kept."""

    def __init__(self, target: int, manner: Manner) -> None:
        self.port = free_port()
        self._target = target
        self._manner = manner

    async def serve(self, ready: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        ready.set()
        await self._stopped.wait()  # whoever runs this ends the connections with it

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            packet = await _packet(reader)
            if packet[:4] == struct.pack("!I", 80877103):  # asks for TLS
                writer.write(b"N")
                packet = await _packet(reader)
            texts = packet[4:].split(b"\0")
            given = dict(zip(texts[:-2:2], texts[1:-2:2], strict=True))
            others = [name for name in given if name not in OWN]
            if others and self._manner == "refuses":
                reported = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: " + others[0] + b"\0\0"
                writer.write(b"E" + struct.pack("!I", len(reported) + 4) + reported)
                return
            if self._manner == "forgets":
                given = {name: value for name, value in given.items() if name in OWN}
            body = packet[:4] + b"".join(name + b"\0" + value + b"\0" for name, value in given.items()) + b"\0"
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            far_writer.write(struct.pack("!I", len(body) + 4) + body)
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has seen enough
        finally:
            writer.close()


async def _packet(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    return await reader.readexactly(length - 4)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
    writer.close()


@contextmanager
def pooled(database_url: str, manner: Manner) -> Iterator[str]:
    """The URL of a database behind a pooler."""
    url = urlsplit(database_url)
    assert url.port is not None
    pooler = Pooler(url.port, manner)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(pooler.serve(ready)))
    thread.start()
    try:
        assert ready.wait(30)
        yield database_url.replace(f":{url.port}/", f":{pooler.port}/")
    finally:
        pooler.stop()
        thread.join(30)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
@pytest.mark.parametrize("manner", ["refuses", "forgets"])
def test_nothing_starts_behind_a_pooler_by_transaction(database_url: str, manner: Manner, command: str) -> None:
    with pooled(database_url, manner) as url:
        refused = CliRunner().invoke(main, [command], env={**PRODUCTION, "DATABASE_URL": url})
    assert refused.exit_code == 1
    assert "PgBouncer" in refused.output
    assert url.rpartition("@")[0] not in refused.output
    assert "Traceback" not in refused.output


def test_what_keeps_a_session_is_no_obstacle(database_url: str) -> None:
    with pooled(database_url, "keeps") as url:
        passed = CliRunner().invoke(main, ["migrate"], env={**PRODUCTION, "DATABASE_URL": url})
    assert (passed.exit_code, passed.output) == (0, "Nothing to apply\n")
