"""Which ports are tried, in which order, and when that is given up."""

from __future__ import annotations

import itertools
import socket

import pytest

from quote_service.lab.embedded.errors import PortTaken
from quote_service.lab.embedded.ports import free_port, is_free, ports_to_try


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)


def test_no_outgoing_connection_takes_a_port_that_is_written_down() -> None:
    # Else it could be taken while its server is started again, and whoever has the address would call for ever in vain.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        clients = [socket.create_connection(server.getsockname()) for _ in range(50)]
        first_outgoing = min(client.getsockname()[1] for client in clients)
        for client in clients:
            client.close()
    assert all(free_port() < min(32_768, first_outgoing) for _ in range(50))


def test_a_port_closed_a_moment_ago_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        client = socket.create_connection(address)
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
    assert is_free(address[1])


def test_the_remembered_port_comes_first_and_others_follow() -> None:
    remembered = free_port()
    tried = list(ports_to_try(None, remembered, attempts=3))
    assert tried[0] == remembered
    assert len(tried) == 4


def test_a_taken_remembered_port_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert taken not in ports_to_try(None, taken)


def test_a_wanted_port_is_the_only_one() -> None:
    wanted = free_port()
    offered = ports_to_try(wanted, free_port())
    assert list(itertools.islice(offered, 1)) == [wanted]
    with pytest.raises(PortTaken):  # lost in the race: the caller came back for another
        next(offered)
