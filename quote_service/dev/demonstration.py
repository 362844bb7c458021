"""The demonstration data: the rates, rules and flags of the first example and a flash sale, put in through the API like anybody's.

`demonstration.json` holds them in the order in which they are sent, and the baskets that they price.

Source: docs/spec/pricing-rules.md#examples; docs/spec/operations.md#development.
"""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

_FILE = Path(__file__).parent / "demonstration.json"
_SALES = "/api/v1/flash-sales"
_PATHS = {
    "commission_rates": "/api/v1/commission-rates",
    "pricing_rules": "/api/v1/pricing-rules",
    "feature_flags": "/api/v1/feature-flags",
    "flash_sales": _SALES,
}
ANSWER_SECONDS = 10.0
_CREATED = 201
_THERE_ALREADY = 409
_DONE = 200


class SeedingFailed(Exception):
    """The service did not take the demonstration data; the message holds its answer."""


class Demonstration(msgspec.Struct, frozen=True):
    """Bodies stay as they are written, so that no number changes on its way.

    `basket` is the original example's, whose coupon there is not; `first_basket` is the one to try first.
    """

    commission_rates: list[msgspec.Raw]
    pricing_rules: list[msgspec.Raw]
    feature_flags: list[msgspec.Raw]
    flash_sales: list[msgspec.Raw]
    basket: msgspec.Raw
    first_basket: msgspec.Raw


class _Answer(NamedTuple):
    status: int
    body: bytes
    location: str


def read_demonstration() -> Demonstration:
    """The data as it is packaged."""
    return msgspec.json.decode(_FILE.read_bytes(), type=Demonstration)


def seed(url: str, admin_token: str) -> int:
    """Create everything that is not there yet; blocks until it is done.

    Returns:
        How many things were created.

    Raises:
        SeedingFailed: The service refused something for another reason than that it is there.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_SECONDS)
    try:
        return sum(_create(connection, path, body, admin_token) for path, body in _documents())
    except (OSError, http.client.HTTPException) as failure:
        raise SeedingFailed(f"the service did not answer ({failure})") from failure
    finally:
        connection.close()


def _documents() -> Iterator[tuple[str, bytes]]:
    demonstration = read_demonstration()
    for name, path in _PATHS.items():
        for body in getattr(demonstration, name):
            yield path, bytes(body)


def _create(connection: http.client.HTTPConnection, path: str, body: bytes, admin_token: str) -> bool:
    answer = _post(connection, path, body, admin_token, _CREATED)
    if answer.status == _CREATED and path == _SALES:
        # Here and now; where the schedule was quicker it is a conflict.
        _post(connection, f"{answer.location}/activate", b"", admin_token, _DONE)
    return answer.status == _CREATED


def _post(
    connection: http.client.HTTPConnection, path: str, body: bytes, admin_token: str, wanted_status: int
) -> _Answer:
    headers = {"Authorization": f"Bearer {admin_token}", "Content-Type": "application/json"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = _Answer(response.status, response.read(), response.headers.get("Location", ""))
    if answer.status not in (wanted_status, _THERE_ALREADY):
        raise SeedingFailed(f"POST {path} was answered with {answer.status}: {answer.body.decode(errors='replace')}")
    return answer


def example_basket() -> dict[str, Any]:
    """The basket of the example, as plain values."""
    basket: dict[str, Any] = msgspec.json.decode(read_demonstration().basket)
    return basket
