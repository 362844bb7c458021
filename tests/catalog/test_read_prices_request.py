"""The quick reading of a page of prices takes nothing that the patient one refuses, and reads the same."""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.platform.documents.documents import read_document
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.shop.catalog.model.shown_prices import PricesRequest
from quote_service.shop.catalog.routes.read_prices_request import read_prices_request

ID = "b0000000-0000-4000-8000-00000000000a"


def body(item: str = "", rest: str = "") -> bytes:
    return f'{{"currency":"TRY","items":[{{"product_id":"{ID}"{item}}}]{rest}}}'.encode()


def outcome(read: Any) -> Any:
    try:
        return read()
    except QuoteServiceError as refused:
        return type(refused), refused.fields() if hasattr(refused, "fields") else str(refused)


@pytest.mark.parametrize(
    "sent",
    [
        body(),
        body(
            ',"quantity":3', ',"customer_segments":["a","b"],"region":"TR/Istanbul","at":"2999-01-01T00:00:00.5+03:00"'
        ),
        body(',"quantity":1.0'),
        body(',"quantity":1e0'),
        body(',"quantity":"1"'),
        body(',"quantity":0'),
        body(',"quantity":1,"quantity":2'),
        body(',"colour":"red"'),
        body("", ',"currency":"EUR"'),
        body("", ',"customer_tier":"a\\u0000b"'),
        body("", ',"customer_tier":"a\\u00e9b"'),
        body("", ',"customer_tier":null'),
        body("", ',"at":"2999-01-01T00:00:00"'),
        body("", ',"region":""'),
        body().replace(ID.encode(), ID.upper().encode()),
        body().replace(ID.encode(), ID.replace("-", "").encode()),
        body().replace(b"TRY", b"\xff"),
        body()[:-1],
        b"[]",
        b"",
    ],
)
def test_both_readings_come_to_the_same(sent: bytes) -> None:
    assert outcome(lambda: read_prices_request(sent)) == outcome(lambda: read_document(sent, PricesRequest))
