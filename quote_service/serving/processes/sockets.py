"""The sockets that a server listens on, bound before any worker starts, so that a taken port is known at once."""

import contextlib
import ctypes
import select
import socket
import struct
import sys

# SO_ATTACH_FILTER of Linux, and a program for it in classic BPF: a segment that opens a connection is dropped (SYN without
# ACK in byte 13 of the TCP header), every other is let through. Connections being opened are completed, those there go on.
_ATTACH_FILTER = 26
_DROP_NEW = b"".join(
    struct.pack("HBBI", *step)
    for step in (
        (0x30, 0, 0, 13),  # load the byte of the flags
        (0x54, 0, 0, 0x12),  # and SYN | ACK
        (0x15, 0, 1, 0x02),  # is it SYN alone?
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # let through
    )
)


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


def reject_connections(listening: socket.socket) -> None:
    """Let no new connection into the queue of a socket; those on their way into it, and in it, stay.

    Closing a socket resets what waits in its queue, and more may come between the last look and the closing. Who is turned
    away gets no answer, tries again a second later, and is then refused, or let in by whoever listens by then. Elsewhere
    than on Linux nothing is done: what comes within that instant is lost there.
    """
    if sys.platform == "linux":
        program = ctypes.create_string_buffer(_DROP_NEW)
        with contextlib.suppress(OSError):
            steps = len(_DROP_NEW) // 8
            listening.setsockopt(
                socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("@HP", steps, ctypes.addressof(program))
            )


def is_waited_at(listening: socket.socket) -> bool:
    """Whether a connection waits to be accepted."""
    poll = select.poll()
    poll.register(listening, select.POLLIN)
    return bool(poll.poll(0))


def url_of(listening: socket.socket) -> str:
    """The URL at which a socket is reached from this machine."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def _bind(host: str, port: int, *, shares_port: bool) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as unknown:
        raise CannotListen(f"{host} is not an address of this machine ({unknown.strerror})") from None
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
