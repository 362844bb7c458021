"""The API of a service, as its admin puts something in.

Source: docs/spec/operations.md#development.
"""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

# A newcomer's machine compiles meanwhile.
ANSWER_SECONDS = 60.0
_CREATED = 201
_THERE_ALREADY = 409
_DONE = (200, 204)


class SeedingFailed(Exception):
    """The service did not take the demonstration data; the message holds its answer."""


class Created(NamedTuple):
    """What has been put in; `is_new` is false where it was there already, and nothing more is known of it then."""

    is_new: bool
    location: str
    body: bytes

    @property
    def id(self) -> str:
        """The id of what is new."""
        found: str = msgspec.json.decode(self.body)["data"]["id"]
        return found


class AdminApi:
    """One connection, with the admin's token. Every call may raise SeedingFailed."""

    def __init__(self, connection: http.client.HTTPConnection, admin_token: str) -> None:
        self._connection = connection
        self._headers = {"Authorization": f"Bearer {admin_token}", "Content-Type": "application/json"}

    def create(self, path: str, body: bytes) -> Created:
        """Create something, unless it is there already."""
        status, answered, location = self._call("POST", path, body, (_CREATED, _THERE_ALREADY))
        return Created(status == _CREATED, location, answered)

    def do(self, path: str) -> None:
        """Ask for something to be done, unless it cannot be done any more."""
        self._call("POST", path, b"", (*_DONE, _THERE_ALREADY))

    def put(self, path: str, body: bytes) -> None:
        """Set something."""
        self._call("PUT", path, body, _DONE)

    def list(self, path: str) -> list[dict[str, Any]]:
        """The first page of a list."""
        _, answered, _ = self._call("GET", path, b"", _DONE)
        found: list[dict[str, Any]] = msgspec.json.decode(answered)["data"]
        return found

    def _call(self, method: str, path: str, body: bytes, wanted: tuple[int, ...]) -> tuple[int, bytes, str]:
        self._connection.request(method, path, body or None, self._headers)
        response = self._connection.getresponse()
        answered = response.read()
        if response.status not in wanted:
            reported = answered.decode(errors="replace")
            raise SeedingFailed(f"{method} {path} was answered with {response.status}: {reported}")
        return response.status, answered, response.headers.get("Location", "")


@contextmanager
def admin_api(url: str, admin_token: str) -> Iterator[AdminApi]:
    """The API of the service at a URL.

    Raises:
        SeedingFailed: It did not answer, or not as it should.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_SECONDS)
    try:
        yield AdminApi(connection, admin_token)
    except (OSError, http.client.HTTPException) as failure:
        raise SeedingFailed(f"the service did not answer ({failure})") from failure
    finally:
        connection.close()
