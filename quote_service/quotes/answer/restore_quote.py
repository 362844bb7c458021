"""A quote that went through somebody's JSON library, back into the very text that was signed.

Libraries turn 51.00 into 51.0 or 51, change the order of members and escape what they like. The answer's structs
(`quote_answer.py`, and `calculation_inputs.py` for each step) say of every member how it is written, so that the text can
be written again from the values alone. Whatever does not fit them, or has more digits than it can have, was not issued
here. A test holds all of this against the encoder with random quotes.

A quote outlives the release that issued it. Members that came later are marked with the form that has them (`Since`), so a
quote of any earlier form is read without them; what a later release may add is kept as it is written.

Source: docs/spec/quotes.md#signature; docs/spec/quotes.md#forms.
"""

from typing import Any

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.quote_answer import UnsignedQuote
from quote_service.quotes.answer.issued_parts import signed_bytes
from quote_service.quotes.answer.rewrite_values import NotAQuote, rewriter_of
from quote_service.quotes.answer.shopper_form import MARKETPLACE_MEMBERS, WHOLE_MEMBERS

__all__ = ["NotAQuote", "RestoredQuote", "read_kept", "restore_quote"]


class RestoredQuote(msgspec.Struct, frozen=True):
    """`signed` is the text under the signature; `document` the parsed quote, whose shape has been checked.

    `has_shopper_form`: it is without what the marketplace keeps and its sellers are paid.
    """

    quote_id: str
    currency: str
    exponent: int
    signature: str
    signed: bytes
    document: dict[str, Any]
    has_shopper_form: bool = False

    @property
    def data(self) -> bytes:
        """The whole quote in the form in which it is issued, but for the literals of flags."""
        return b'%b,"signature":"%b"}' % (self.signed[:-1], self.signature.encode())


def restore_quote(document: Any, *, keeps_unknown: bool = False) -> RestoredQuote:
    """Write the text of a quote again from its values.

    Args:
        document: A parsed quote: ints and Decimals for numbers, never floats.
        keeps_unknown: Members that this release does not know are kept, as a later one may have issued them: their numbers
            must have come with the digits that they were issued with.

    Raises:
        NotAQuote: It has not the shape of an issued quote.
    """
    if not isinstance(document, dict):
        raise NotAQuote("", "must be an object")
    signature, currency = document.get("signature"), document.get("currency")
    if not isinstance(signature, str) or not signature.isascii() or not signature.isprintable():
        raise NotAQuote("/signature", "must be a signature")
    exponent = EXPONENTS.get(currency) if isinstance(currency, str) else None
    if exponent is None:
        raise NotAQuote("/currency", "is not a currency")
    has_shopper_form = document.keys().isdisjoint(MARKETPLACE_MEMBERS)
    if not has_shopper_form:
        for name in WHOLE_MEMBERS:
            if name not in document:
                raise NotAQuote(f"/{name}", "is required")
    try:
        rewrite = _rewrite_any if keeps_unknown else _rewrite
        text = rewrite({name: value for name, value in document.items() if name != "signature"}, "", exponent, {})
        signed = text.encode()
    except UnicodeEncodeError:
        raise NotAQuote("", "holds text that is no Unicode") from None
    return RestoredQuote(
        quote_id=document["quote_id"],
        currency=document["currency"],
        exponent=exponent,
        signature=signature,
        signed=signed,
        document=document,
        has_shopper_form=has_shopper_form,
    )


def read_kept(data: bytes) -> RestoredQuote:
    """A quote out of the bytes that were kept of it, whichever release issued it: what was signed is in them byte for byte.

    Raises:
        NotAQuote: This release does not find in it what every form has.
    """
    try:
        restored = restore_quote(parse_exact(data), keeps_unknown=True)
        return msgspec.structs.replace(restored, signed=signed_bytes(data))
    except NotAQuote:
        raise
    except ValueError:
        raise NotAQuote("", "is no issued quote") from None


_rewrite = rewriter_of(UnsignedQuote)
_rewrite_any = rewriter_of(UnsignedQuote, keeps_unknown=True)
