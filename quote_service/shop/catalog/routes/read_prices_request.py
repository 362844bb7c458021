"""The body of a page of prices: one typed pass for the good ones, the patient reading for all others.

The patient reading names every fault, and takes a millisecond for a hundred products.

Source: docs/spec/wire.md#errors.
"""

import msgspec

from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.repeated_names import may_repeat_names
from quote_service.shop.catalog.model.shown_prices import PricesRequest

_DECODER = msgspec.json.Decoder(PricesRequest)
_CONTAINERS = 3  # beside the items: the body, their list, and the segments


def read_prices_request(body: bytes) -> PricesRequest:
    """Read a page of prices.

    Raises:
        Malformed: The body is no JSON document.
        Invalid: With every field that cannot be accepted.
    """
    try:
        wanted = _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # bytes that are no UTF-8 come as a ValueError
        return read_document(body, PricesRequest)
    # What is escaped may be text that is refused, and 1.0 would be read as 1.
    if b"\\" in body or b"." in body or may_repeat_names(body, len(wanted.items) + _CONTAINERS):
        return read_document(body, PricesRequest)
    return wanted
