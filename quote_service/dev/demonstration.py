"""The demonstration data: the rates, rules and flags of the first example and a flash sale, put in through the API like anybody's.

`demonstration.json` holds them in the order in which they are sent, and the baskets that they price.

Source: docs/spec/pricing-rules.md#examples; docs/spec/operations.md#development.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from quote_service.dev.admin_api import AdminApi, admin_api

_FILE = Path(__file__).parent / "demonstration.json"
_SALES = "/api/v1/flash-sales"
_PATHS = {
    "commission_rates": "/api/v1/commission-rates",
    "pricing_rules": "/api/v1/pricing-rules",
    "feature_flags": "/api/v1/feature-flags",
    "flash_sales": _SALES,
}


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
    with admin_api(url, admin_token) as api:
        return sum(_create(api, path, body) for path, body in _documents())


def _documents() -> Iterator[tuple[str, bytes]]:
    demonstration = read_demonstration()
    for name, path in _PATHS.items():
        for body in getattr(demonstration, name):
            yield path, bytes(body)


def _create(api: AdminApi, path: str, body: bytes) -> bool:
    answer = api.create(path, body)
    if answer.is_new and path == _SALES:
        # Here and now; where the schedule was quicker it is a conflict.
        api.do(f"{answer.location}/activate")
    return answer.is_new


def example_basket() -> dict[str, Any]:
    """The basket of the example, as plain values."""
    basket: dict[str, Any] = msgspec.json.decode(read_demonstration().basket)
    return basket
