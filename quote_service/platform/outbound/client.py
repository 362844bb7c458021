"""A client that sends to public addresses only, within a time, and reads so much of an answer and no more.

The check stands where a connection is made: there the name is resolved, every address it has is held against what is
allowed, and the connection goes to one of these addresses. So no second look-up can lead elsewhere, and a redirect, which is
an answer like any other here, leads nowhere.

Source: docs/spec/webhooks.md#addresses.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

import httpcore

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.urls import read_target
from quote_service.platform.system.traces import SPAN, Call, new_span_id, now_ns

ANSWER_BYTES_MAX = 16 * 1024
#: The header that says which trace a request belongs to.
TRACEPARENT: Final = "traceparent"
_FAILED = 400
_CONNECTIONS_MAX = 128
_IDLE_CONNECTIONS_MAX = 32
# A name is resolved again for connections after this, at the latest.
_IDLE_SECONDS = 15.0


class NoAnswer(Exception):
    """Nothing came back; `reason` says why, in a sentence for whoever owns the URL. `is_late`: not in time."""

    def __init__(self, reason: str, *, is_late: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_late = is_late


class OutboundAnswer(NamedTuple):
    """An answer: its status, its headers by lower-case name, and its body, or the beginning of one that is too long."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_complete: bool = True


class _Refused(Exception):
    """The name leads to an address that is not allowed."""


class OutboundClient:
    """Connections to servers of others; to be closed."""

    def __init__(self, networks: Networks, timeout_seconds: float) -> None:
        """Open the client.

        Args:
            networks: Where it may connect to.
            timeout_seconds: What a request has from its first look-up to the end of its answer.
        """
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_CONNECTIONS_MAX,
            max_keepalive_connections=_IDLE_CONNECTIONS_MAX,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_CheckedNetwork(networks),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutboundAnswer:
        """Send a body. Where this is traced, the server is told the trace.

        Args:
            url: Where to; `read_target` says which are taken.
            headers: Beside Host and Content-Length.
            body: What is sent.

        Raises:
            NoAnswer: It could not be sent, or no answer came in time.
        """
        return await self.request("POST", url, headers, body, ANSWER_BYTES_MAX, sends_trace=True)

    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        bytes_max: int,
        *,
        sends_trace: bool = False,
    ) -> OutboundAnswer:
        """Send any request.

        Args:
            method: Such as GET.
            url: Where to; `read_target` says which are taken.
            headers: Beside Host and Content-Length.
            body: What is sent; None for none.
            bytes_max: So much of the answer is read, as it comes over the connection; one that is as long counts as cut.
            sends_trace: Whether the server is sent the trace that this belongs to, if it does.

        Raises:
            NoAnswer: It could not be sent, or no answer came in time.
        """
        span = SPAN.get()
        if span is None:
            return await self._request(method, url, headers, body, bytes_max)
        span_id, start_ns = new_span_id(), now_ns()
        sent = {**headers, TRACEPARENT: span.traceparent_of_call(span_id)} if sends_trace else headers
        attributes, error = _described(method, url), None
        try:
            answer = await self._request(method, url, sent, body, bytes_max)
            attributes["http.response.status_code"] = answer.status
            error = str(answer.status) if answer.status >= _FAILED else None
            return answer
        except NoAnswer as failure:
            error = "timeout" if failure.is_late else type(failure).__name__
            raise
        finally:
            span.record(Call(method, start_ns, now_ns(), attributes, error, span_id))

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, bytes_max: int
    ) -> OutboundAnswer:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._send(method, url, headers, body, bytes_max)
        except TimeoutError:
            raise NoAnswer(f"No answer within {self._timeout_seconds:g} s", is_late=True) from None
        except ValueError as unusable:
            raise NoAnswer(f"The URL {unusable}") from None
        except _Refused:
            raise NoAnswer("The address is not a public one") from None
        except httpcore.ConnectError as failure:
            raise NoAnswer(_why_not_connected(failure)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as failure:
            raise NoAnswer(f"The connection ended before an answer ({type(failure).__name__})") from None

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, bytes_max: int
    ) -> OutboundAnswer:
        target = read_target(url)
        sent = {**headers, "Host": target.authority}
        if not all(value.isascii() for value in sent.values()):
            raise NoAnswer("A header of the request is not ASCII, and cannot be sent")
        if body is not None:
            sent["Content-Length"] = str(len(body))
        where = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        async with self._pool.stream(method, where, headers=list(sent.items()), content=body) as response:
            begun = bytearray()
            async for chunk in response.aiter_stream():
                begun += chunk
                if len(begun) >= bytes_max:
                    break
        reported = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers}
        return OutboundAnswer(response.status, reported, bytes(begun[:bytes_max]), len(begun) < bytes_max)


def _described(method: str, url: str) -> dict[str, str | int | float | bool]:
    """What a span says of a request: where it goes, and neither path nor query, which may hold secrets of their owner."""
    body: dict[str, str | int | float | bool] = {"http.request.method": method}
    with suppress(ValueError):
        target = read_target(url)
        body |= {"server.address": target.host, "server.port": target.port, "url.scheme": target.scheme}
    return body


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects by TCP to addresses that are allowed, and by nothing else."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError):
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's)
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise _Refused

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        """Every address of a name, in the system's order; all of them must be allowed, for any may be tried."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as unknown:
            raise httpcore.ConnectError(f"name: {host}") from unknown
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(map(self._networks.allows, addresses)):
            raise _Refused
        return addresses


def _why_not_connected(failure: httpcore.ConnectError) -> str:
    cause = failure.__cause__ or failure.__context__
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate was not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "TLS could not be agreed on"
        if isinstance(cause, socket.gaierror | UnicodeError):
            return "The name is not known"
        cause = cause.__cause__ or cause.__context__
    return "The connection was refused or could not be made"
