"""The sockets that a server listens on, bound before any worker starts, so that a taken port is known at once."""

import contextlib
import socket
import sys


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def bind_sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """Bind `count` sockets to one address; each worker gets one.

    On Linux each is a queue of its own, between which the kernel spreads new connections: workers that accept from one
    shared queue take as many as they can get, and the first takes nearly all. A queue lives on with the socket in the
    starting process, so a worker that dies loses none of those who wait. Elsewhere all are one and the same socket.

    Args:
        host: A name or an address.
        port: 0 picks a free one, the same for all.
        count: At least 1.

    Raises:
        CannotListen: The port is taken or not allowed, or the host is not an address of this machine.
    """
    shares_port = count > 1 and sys.platform == "linux"
    with contextlib.ExitStack() as undo:
        if shares_port and port:
            # Two sockets of ours share the port, but another service must not be let in on it.
            undo.enter_context(_bind(host, port, shares_port=False)).close()
        sockets = [undo.enter_context(_bind(host, port, shares_port=shares_port))]
        for _ in range(count - 1):
            chosen = sockets[0].getsockname()[1]
            sockets.append(
                undo.enter_context(_bind(host, chosen, shares_port=True) if shares_port else sockets[0].dup())
            )
        undo.pop_all()
    return sockets


def url_of(listening: socket.socket) -> str:
    """The URL at which a socket is reached from this machine."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def _bind(host: str, port: int, *, shares_port: bool) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as unknown:
        raise CannotListen(f"{host} is no address of this machine ({unknown.strerror})") from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shares_port:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as refused:
        listening.close()
        raise CannotListen(
            f"Cannot listen on {host}:{port}: {(refused.strerror or str(refused)).lower()}. "
            "Stop what listens there, or choose another port (--port 0 picks a free one)."
        ) from None
    return listening
