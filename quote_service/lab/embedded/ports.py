"""Free TCP ports on 127.0.0.1."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator

from quote_service.lab.embedded.errors import PortTaken

LOOPBACK = "127.0.0.1"
# Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152): one of those, made
# while a server is restarted, would keep the server from its port.
_OWN_PORTS = range(20_000, 32_768)
_TRIES = 20


def free_port() -> int:
    """A port nobody listens on right now; another process may still take it first."""
    for _ in range(_TRIES):
        port = secrets.choice(_OWN_PORTS)
        if is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # The servers set this too; without it the port of a server stopped a moment ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def ports_to_try(wanted: int | None, remembered: int | None, attempts: int = 5) -> Iterator[int]:
    """Ports for a server, best first; the caller takes the next when it lost the race for one.

    Args:
        wanted: The port the user asked for: then there is no other.
        remembered: The port of the last run, kept when it is free so that written-down URLs stay true.
        attempts: How many chosen ports to offer before giving up.

    Raises:
        PortTaken: `wanted` is taken, or was lost between the check and the start.
    """
    if wanted is not None:
        if is_free(wanted):
            yield wanted
        raise PortTaken(wanted)
    if remembered is not None and is_free(remembered):
        yield remembered
    for _ in range(attempts):
        yield free_port()
