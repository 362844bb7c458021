"""Check the signature of a quote that somebody holds.

Source: docs/spec/quotes.md#verify-a-quote.
"""

from typing import Any, Literal

import msgspec

from quote_service.quotes.answer.restore_quote import NotAQuote, RestoredQuote, restore_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner

VerificationFault = Literal["not_a_quote", "signature_does_not_hold"]


class Verification(msgspec.Struct, frozen=True):
    """Whether every figure of a quote was issued here. `reason` and, if known, `pointer` say why not."""

    valid: bool
    """Whether every figure is as it was issued here."""
    reason: VerificationFault | None = None
    """Why the quote is not valid; null if it is."""
    detail: str | None = None
    """More about the reason; null if there is nothing more to say."""
    pointer: str | None = None
    """JSON Pointer (RFC 6901) to the field at fault; null if none is known."""


def verify_quote(signer: QuoteSigner, document: Any) -> tuple[Verification, RestoredQuote | None]:
    """Judge a parsed quote (ints and Decimals, never floats), and restore it where that can be done."""
    try:
        restored = restore_quote(document)
    except NotAQuote as refused:
        newer = _of_later_release(signer, document)
        if newer is not None:
            return Verification(True), newer
        return Verification(False, "not_a_quote", refused.detail, refused.pointer), None
    if not signer.holds(restored.signed, restored.signature):
        detail = "something differs from what was issued, or the key is not known any more"
        return Verification(False, "signature_does_not_hold", detail), restored
    return Verification(True), restored


def _of_later_release(signer: QuoteSigner, document: Any) -> RestoredQuote | None:
    """A quote with members that this release does not know, if its signature says that another process of ours issued it."""
    try:
        restored = restore_quote(document, keeps_unknown=True)
    except NotAQuote:
        return None
    return restored if signer.holds(restored.signed, restored.signature) else None
