"""The demonstration data: the rates, rules and flags of the first example and a flash sale, put in through the API like anybody's.

`demonstration.json` holds them in the order in which they are sent, and the baskets that they price.

Source: docs/spec/pricing-rules.md#examples; docs/spec/operations.md#development.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from quote_service.lab.dev.admin_api import AdminApi, admin_api
from quote_service.lab.dev.demonstration_sales import begin_sale

_FILE = Path(__file__).parent / "demonstration.json"
_PATHS = {
    "commission_rates": "/api/v1/commission-rates",
    "pricing_rules": "/api/v1/pricing-rules",
    "feature_flags": "/api/v1/feature-flags",
}


class FirstSale(msgspec.Struct, frozen=True):
    """A flash sale of one product as it is sent, but for its dates."""

    sale: dict[str, msgspec.Raw]
    item: dict[str, msgspec.Raw]


class Demonstration(msgspec.Struct, frozen=True):
    """Bodies stay as they are written, so that no number changes on its way.

    `basket` is the original example's, whose coupon there is not; `first_basket` is the one to try first.
    """

    commission_rates: list[msgspec.Raw]
    pricing_rules: list[msgspec.Raw]
    feature_flags: list[msgspec.Raw]
    flash_sales: list[FirstSale]
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
        return sum(api.create(path, body).is_new for path, body in _documents()) + _begin_sales(api)


def renew_sales(url: str, admin_token: str) -> None:
    """Begin the flash sales that do not run any more; blocks until it is done.

    Raises:
        SeedingFailed: The service refused something.
    """
    with admin_api(url, admin_token) as api:
        _begin_sales(api)


def _begin_sales(api: AdminApi) -> int:
    return sum(begin_sale(api, each.sale, each.item) for each in read_demonstration().flash_sales)


def _documents() -> Iterator[tuple[str, bytes]]:
    demonstration = read_demonstration()
    for name, path in _PATHS.items():
        for body in getattr(demonstration, name):
            yield path, bytes(body)


def example_basket() -> dict[str, Any]:
    """The basket of the example, as plain values."""
    basket: dict[str, Any] = msgspec.json.decode(read_demonstration().basket)
    return basket
