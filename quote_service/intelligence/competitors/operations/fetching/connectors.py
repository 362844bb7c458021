"""What marketplaces are asked, and where offers stand in what they answer.

Written from their public documentation: Amazon SP-API Product Pricing 2022-05-01, eBay Browse API v1, Walmart Affiliate
API v2.

Source: docs/spec/competitors.md#apis.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from quote_service.intelligence.competitors.model.sources import ApiSettings

ITEMS_AT_ONCE = 20
_NORTH_AMERICA = frozenset(("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8", "A2Q3Y263D00KWC"))
_FAR_EAST = frozenset(("A1VC38T7YXB528", "A39IBJ37TRP1C6", "A19VAU5U5O7RUS"))
_AMAZON_PATH = "/batches/products/pricing/2022-05-01/items/competitiveSummary"
_AMAZON_ITEM = "/products/pricing/2022-05-01/items/competitiveSummary"
_AMAZON_OFFER = "body.featuredBuyingOptions.0.segmentedFeaturedOffers.0"
_EBAY_SCOPE = "https://api.ebay.com/oauth/api_scope"


class ApiRequest(NamedTuple):
    """A request to an API."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


class Reading(NamedTuple):
    """Where the items of an answer stand, their fields by our names, and the HTTP status and headers that each has of its own."""

    path: str
    fields: dict[str, str]
    currency: str | None = None
    status: str = ""
    headers: str = ""


READINGS: Mapping[str, Reading] = {
    "amazon": Reading(
        "responses",
        {
            "id": "body.asin",
            "sku": "body.asin",
            "price": f"{_AMAZON_OFFER}.listingPrice.amount",
            "currency": f"{_AMAZON_OFFER}.listingPrice.currencyCode",
            "shipping": f"{_AMAZON_OFFER}.shippingOptions.0.price.amount",
            "condition": f"{_AMAZON_OFFER}.condition",
            "seller": f"{_AMAZON_OFFER}.sellerId",
        },
        status="status.statusCode",
        headers="headers",
    ),
    "ebay": Reading(
        "items",
        {
            "id": "itemId",
            "sku": "itemId",
            "title": "title",
            "brand": "brand",
            "gtin": "gtin",
            "url": "itemWebUrl",
            "price": "price.value",
            "currency": "price.currency",
            "list_price": "marketingPrice.originalPrice.value",
            "shipping": "shippingOptions.0.shippingCost.value",
            "condition": "condition",
            "availability": "estimatedAvailabilities.0.estimatedAvailabilityStatus",
            "seller": "seller.username",
        },
    ),
    "walmart": Reading(
        "items",
        {
            "id": "itemId",
            "sku": "itemId",
            "title": "name",
            "brand": "brandName",
            "gtin": "upc",
            "url": "productTrackingUrl",
            "price": "salePrice",
            "list_price": "msrp",
            "shipping": "standardShipRate",
            "availability": "stock",
            "seller": "sellerInfo",
        },
        "USD",
    ),
}


class UnusableCredentials(ValueError):
    """They are not what the marketplace wants; says why."""


def token_request(api: ApiSettings, credentials: Mapping[str, str]) -> ApiRequest | None:
    """What is asked for a token; None where the marketplace signs each request instead."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if api.connector == "amazon":
        body = urlencode({"grant_type": "refresh_token", **credentials})
        return ApiRequest("POST", f"{api.url or 'https://api.amazon.com'}/auth/o2/token", form, body.encode())
    if api.connector == "ebay":
        pair = f"{credentials['client_id']}:{credentials['client_secret']}".encode()
        basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        body = urlencode({"grant_type": "client_credentials", "scope": _EBAY_SCOPE})
        url = f"{api.url or 'https://api.ebay.com'}/identity/v1/oauth2/token"
        return ApiRequest("POST", url, {**form, **basic}, body.encode())
    return None


def items_request(api: ApiSettings, items: Sequence[str], token: str, credentials: Mapping[str, str]) -> ApiRequest:
    """What is asked for up to `ITEMS_AT_ONCE` items.

    Raises:
        UnusableCredentials: They cannot sign it.
    """
    accept = {"Accept": "application/json"}
    if api.connector == "amazon":
        asked = [
            {
                "asin": item,
                "marketplaceId": api.marketplace,
                "includedData": ["featuredBuyingOptions"],
                "uri": _AMAZON_ITEM,
                "method": "GET",
            }
            for item in items
        ]
        headers = {**accept, "Content-Type": "application/json", "x-amz-access-token": token}
        return ApiRequest(
            "POST", f"{api.url or _amazon_host(api)}{_AMAZON_PATH}", headers, msgspec.json.encode({"requests": asked})
        )
    listed = ",".join(quote(item, safe="|") for item in items)
    if api.connector == "ebay":
        headers = {
            **accept,
            "Authorization": f"Bearer {token}",
            "X-EBAY-C-MARKETPLACE-ID": api.marketplace or "",
        }
        url = f"{api.url or 'https://api.ebay.com'}/buy/browse/v1/item/get_items?item_ids={listed.replace('|', '%7C')}"
        return ApiRequest("GET", url, headers, None)
    base = api.url or "https://developer.api.walmart.com"
    url = f"{base}/api-proxy/service/affil/product/v2/items?ids={listed}"
    return ApiRequest("GET", url, {**accept, **_walmart_signature(credentials)}, None)


def _amazon_host(api: ApiSettings) -> str:
    region = "eu"
    if api.marketplace in _NORTH_AMERICA:
        region = "na"
    elif api.marketplace in _FAR_EAST:
        region = "fe"
    return f"https://sellingpartnerapi-{region}.amazon.com"


def _walmart_signature(credentials: Mapping[str, str]) -> dict[str, str]:
    consumer, version = credentials["consumer_id"], credentials["key_version"]
    instant = str(time.time_ns() // 1_000_000)
    try:
        key = serialization.load_pem_private_key(credentials["private_key"].encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableCredentials("private_key is no PEM of a private key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableCredentials("private_key is no RSA key")
    signed = key.sign(f"{consumer}\n{instant}\n{version}\n".encode(), padding.PKCS1v15(), hashes.SHA256())
    return {
        "WM_CONSUMER.ID": consumer,
        "WM_CONSUMER.INTIMESTAMP": instant,
        "WM_SEC.KEY_VERSION": version,
        "WM_SEC.AUTH_SIGNATURE": base64.b64encode(signed).decode(),
    }
