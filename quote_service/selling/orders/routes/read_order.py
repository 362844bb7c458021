"""What a request for an order asks for: a quote by its id, with the data that the checkout holds or without, or a basket.

Source: docs/spec/orders.md#place-an-order.
"""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX
from quote_service.platform.documents.exact_json import below, content_faults, parse_json
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.identifiers import canonical
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.answer.restore_quote import RestoredQuote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.verify_quote import verify_quote


class OrderOfQuote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quote to order."""

    quote_id: UUID
    """The quote."""
    data: QuoteDocument | None = None
    """The quote's `data` as it was issued, in its whole form; needed only when the service no longer has the quote."""
    customer_id: UUID | None = None
    """The customer of the quote; needed only when the service no longer has the quote."""


class QuoteWanted(NamedTuple):
    """A quote to order; `brought` is the quote as the checkout holds it, under a signature that holds."""

    quote_id: UUID
    brought: RestoredQuote | None
    customer_id: UUID | None


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    quote_id: UUID


_read_plain = msgspec.json.Decoder(_Plain).decode


def read_order(body: bytes, signer: QuoteSigner) -> QuoteWanted | None:
    """Read a request for an order; None where it is a basket, which is read when it is quoted.

    Raises:
        Malformed: It is no JSON document.
        Invalid: It is no request for an order, or the quote in it was not issued here.
    """
    if body.count(b"quote_id") == 1:
        try:
            return QuoteWanted(_read_plain(body).quote_id, None, None)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # more than that, or something is wrong with it
    document = parse_json(body)
    if not isinstance(document, dict):
        raise Invalid.at("", "must be an object")
    if "quote_id" not in document:
        if "items" in document:
            return None
        raise Invalid.at("/quote_id", "is required, or a basket with items")
    faults = [Fault(below("", name), "is not a known field") for name in document if name not in _FIELDS]
    faults += content_faults(document)
    if faults:
        raise Invalid.because(tuple(faults[:FAULTS_MAX]))
    quote_id = _identifier(document["quote_id"], "/quote_id")
    customer_id = document.get("customer_id")
    return QuoteWanted(
        quote_id,
        _brought(document.get("data"), quote_id, signer),
        None if customer_id is None else _identifier(customer_id, "/customer_id"),
    )


_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(OrderOfQuote))


def _identifier(given: Any, pointer: str) -> UUID:
    identifier = canonical(given) if isinstance(given, str) else None
    if identifier is None:
        raise Invalid.at(pointer, "must be a UUID")
    return UUID(identifier)


def _brought(data: Any, quote_id: UUID, signer: QuoteSigner) -> RestoredQuote | None:
    if data is None:
        return None
    verification, quote = verify_quote(signer, data)
    if not verification.valid:
        pointer = verification.pointer if verification.pointer is not None else "/signature"
        raise Invalid.at("/data" + pointer, verification.detail or "was not issued by this service")
    if quote is None or quote.quote_id != str(quote_id):
        raise Invalid.at("/data/quote_id", "does not match quote_id")
    return quote
