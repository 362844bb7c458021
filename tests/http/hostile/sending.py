"""How what is hostile is sent, and what every answer to it must be."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from uuid import uuid4

import httpx

from tests.access.running import code_of
from tests.fixtures.serve import Served
from tests.http.hostile.shapes import Operation, leaks_of

JSON = {"Content-Type": "application/json"}


def harmless(answer: httpx.Response) -> None:
    """Answered in order, and without a word about our insides; a refusal is a problem document."""
    assert answer.status_code < 500, answer.text[:500]
    assert leaks_of(answer.text) == [], answer.text[:500]
    assert "set-cookie" not in answer.headers
    if answer.status_code >= 400:
        assert code_of(answer)
        body = answer.json()
        assert body.get("title") or body["errorDetails"]


def send(client: httpx.Client, operation: Operation, body: Any, headers: dict[str, str] = JSON) -> httpx.Response:
    content = json.dumps(body) if isinstance(body, (dict, list)) else body
    if operation.needs_key:
        headers = {**headers, "Idempotency-Key": str(uuid4())}
    answer = client.request(operation.method, operation.nowhere, content=content, headers=headers)
    harmless(answer)
    return answer


def raw_request(running: Served, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """A request whose path goes out just as it is; any client worth its name would tidy it up."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    finally:
        connection.close()


def raw_answers(running: Served, sent: bytes) -> bytes:
    """Everything that comes back before the server closes, or says nothing more because it waits for more."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        answers = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answers += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # refused before it was read
        return answers
