"""Whether a quote that was priced again is the one that was issued, byte for byte, and where it is not.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from typing import Any, Final

import msgspec

from quote_service.platform.documents.document_changes import FieldChange, document_changes
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.pricing.quote import Quote
from quote_service.quotes.answer.earlier_forms import forget_later_members
from quote_service.quotes.answer.shopper_form import MARKETPLACE_WARNINGS, shopper_document
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.issued_quote import read_issued
from quote_service.quotes.model.kept_bytes import echoed_reference
from quote_service.quotes.operations.request_warnings import OF_AN_ASKER

DIFFERENCES_MAX = 100
# The reference and the state of Redis belong to an answer, not to its price; and a hint is of a basket that nobody has.
_OF_AN_ANSWER = ("quote_not_shared", *OF_AN_ASKER)
# Releases before some of them did not warn; the figures that they rest on are compared.
_NOT_COMPARED = (*_OF_AN_ANSWER, *MARKETPLACE_WARNINGS)
_ECHOES = ("external_ref", "signature", "cache", "hints")
# An identifier is as long as another, and no text holds a quotation mark that is not escaped.
_REFERENCE_AT: Final = len('{"quote_id":"') + 36 + len('"')
_REFERENCE: Final = b',"external_ref":'
_AFTER_REFERENCE: Final = b',"subtotal":'
_NO_REFERENCE: Final = _REFERENCE + b"null" + _AFTER_REFERENCE
_read_text: Final = msgspec.json.Decoder(str).decode


def is_issued_again(data: bytes, again: Quote, quote_id: str, issued_at_us: int, valid_until_us: int) -> bool:
    """Whether the bytes that were issued are those that are written of a quote now, signature and warnings of an answer aside.

    It may say no of a quote that differs in nothing that counts (an earlier release wrote less, or it is a shopper's form):
    then `issued_differences` finds nothing.

    Raises:
        msgspec.MsgspecError: What was issued is no quote.
    """
    again.basket.external_ref = _reference_of(data)
    text = write_quote(again, quote_id, issued_at_us, valid_until_us)
    head = f'{text.head}{text.flags}{text.middle}"miss"'.encode()
    if not data.startswith(head):
        return False
    warnings = text.tail.encode()[:-1]
    at = len(head)
    if not data.startswith(warnings, at):
        return False
    if data.startswith(b'],"signature":"', at + len(warnings)):
        return True
    # What else it warned of is the answer's alone, and stands behind the quote's own.
    return all(reported.code in _OF_AN_ANSWER for reported in read_issued(data).warnings[len(again.warnings) :])


def issued_differences(
    issued: dict[str, Any], again: Quote, quote_id: str, issued_at_us: int, valid_until_us: int, *, for_shopper: bool
) -> list[FieldChange]:
    """Where a quote that was priced again differs from the one that was issued, up to DIFFERENCES_MAX places.

    Args:
        issued: The parsed quote; as a shopper sees it where that is asked for.
        again: What was priced.
        quote_id: The quote's id.
        issued_at_us: When it was issued.
        valid_until_us: When it ends.
        for_shopper: Compare what a shopper sees.
    """
    text = write_quote(again, quote_id, issued_at_us, valid_until_us)
    recomputed = parse_exact(f'{text.head}{text.flags}{text.middle}"miss"{text.tail}}}')
    if for_shopper or "commission_breakdown" not in issued:
        recomputed = shopper_document(recomputed)
    forget_later_members(issued, recomputed)
    _name_scopes_alike(issued, recomputed)
    for document in (issued := dict(issued), recomputed):
        for name in _ECHOES:
            document.pop(name, None)
        document["warnings"] = [each for each in document["warnings"] if each["code"] not in _NOT_COMPARED]
    return list(document_changes(issued, recomputed))[:DIFFERENCES_MAX]


def _reference_of(data: bytes) -> str | None:
    """The reference that a quote echoes, without reading what stands behind it where it stands in its usual place."""
    if data.startswith(_NO_REFERENCE, _REFERENCE_AT):
        return None
    end = data.find(_AFTER_REFERENCE, _REFERENCE_AT)
    if end < 0 or not data.startswith(_REFERENCE, _REFERENCE_AT):
        return echoed_reference(data)
    return _read_text(data[_REFERENCE_AT + len(_REFERENCE) : end])


def _name_scopes_alike(issued: dict[str, Any], recomputed: dict[str, Any]) -> None:
    """`QUOTE` was called `ORDER` before there were both: the rate is the same, and so is what it charges."""
    reported, again = (each.get("commission_breakdown", {}).get("details", ()) for each in (issued, recomputed))
    for one, other in zip(reported, again, strict=False):
        if (one["scope"], other["scope"]) == ("ORDER", "QUOTE"):
            other["scope"] = one["scope"]
