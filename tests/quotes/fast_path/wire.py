"""HTTP/1.1 as bytes on a socket: requests written out in full, answers taken apart."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

PATIENCE_SECONDS = 120.0


class Answer(NamedTuple):
    """One answer; `headers` by lower-case name."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def closes(self) -> bool:
        return self.headers.get(b"connection") == b"close"


def request(
    body: bytes = b"",
    path: str = "/api/v1/quote",
    method: str = "POST",
    *,
    version: str = "1.1",
    length: int | None = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """A request; `length` announces another length than the body has."""
    named = {"Host": "localhost", "Content-Length": str(len(body) if length is None else length), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/{version}\r\n{lines}\r\n".encode() + body


def chunked(*chunks: bytes, ends: bool = True, headers: dict[str, str] | None = None) -> bytes:
    """A request whose body comes in chunks."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = f"POST /api/v1/quote HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{lines}\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + (b"0\r\n\r\n" if ends else b"")


class Connection:
    """A client's end of a connection."""

    def __init__(self, port: int, receive_buffer_bytes: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, *parts: bytes) -> Self:
        self.socket.sendall(b"".join(parts))
        return self

    def line(self) -> bytes:
        """The bytes up to the next blank line, that included."""
        while b"\r\n\r\n" not in self._read:
            self._receive()
        line, end, self._read = self._read.partition(b"\r\n\r\n")
        return line + end

    def answer(self) -> Answer:
        """The next answer."""
        status, *lines = self.line()[:-4].split(b"\r\n")
        pairs = [line.split(b": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a header twice"
        length = int(headers[b"content-length"])
        while len(self._read) < length:
            self._receive()
        body, self._read = self._read[:length], self._read[length:]
        return Answer(int(status.split()[1]), headers, body)

    def answers(self, count: int) -> list[Answer]:
        return [self.answer() for _ in range(count)]

    def ends(self) -> bool:
        """Whether nothing more comes before the server closes in order; a reset is none."""
        if self._read:
            return False
        return self.socket.recv(1) == b""

    def all_of_it(self) -> bytes:
        """What comes until the server closes, in order or not."""
        with suppress(ConnectionResetError, EOFError):
            while True:
                self._receive()
        return self._read

    def _receive(self) -> None:
        part = self.socket.recv(1 << 16)
        if not part:
            raise EOFError(f"the server closed; before it came {self._read[:200]!r}")
        self._read += part
