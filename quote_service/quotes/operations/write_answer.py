"""Write a quote as the bytes that are handed out, sign them, and change what of them differs from one who asks to the next.

Source: docs/spec/quotes.md#caching; docs/spec/quotes.md#signature; docs/spec/access.md#shoppers-quotes.
"""

from typing import Final

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.system.identifiers import uuid7
from quote_service.pricing.quote import Quote, Warning
from quote_service.quotes.answer.earlier_forms import turn_into_form
from quote_service.quotes.answer.issued_parts import split_data, unsigned_tail
from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.restore_quote import restore_quote
from quote_service.quotes.answer.shopper_form import shopper_head, shopper_tail
from quote_service.quotes.answer.write_quote import write_quote, write_warning
from quote_service.quotes.model.kept_bytes import echoed_reference, kept_request, pack_quote
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.quotes.operations.local_quotes import LocalAnswer
from quote_service.quotes.operations.request_warnings import (
    request_warnings_in,
    with_request_warnings,
    without_request_warnings,
)
from quote_service.quotes.operations.sign_quote import QuoteSigner


def issued_data(answer: LocalAnswer) -> bytes:
    """The data of an answer as it was issued, byte for byte."""
    return b'%b"miss"%b' % (answer.head, answer.tail)


def earlier_data(data: bytes, form: int, signer: QuoteSigner) -> bytes:
    """An issued quote in an earlier form, signed in that form; it is for processes that know no other."""
    document = parse_exact(data)
    turn_into_form(document, form)
    restored = restore_quote(document)
    return msgspec.structs.replace(restored, signature=signer.sign(restored.signed)).data


def signed_tail(signer: QuoteSigner, head: bytes, flags_at: tuple[int, int], tail: bytes) -> bytes:
    """What stands after the value of `cache`, with a signature over all of it in its plain form."""
    start, end = flags_at
    plain = plain_flags(head[start:end].decode()).encode()
    signature = signer.sign(b'%b%b%b"miss"%b}' % (head[:start], plain, head[end:], tail))
    return b'%b,"signature":"%b"}' % (tail, signature.encode())


def shopper_answer(answer: LocalAnswer, signer: QuoteSigner) -> LocalAnswer:
    """An answer in the shopper's form, signed in that form; it is for handing out, and not for keeping."""
    head = shopper_head(answer.head)
    shift = len(head) - len(answer.head)
    flags_at = (answer.flags_at[0] + shift, answer.flags_at[1] + shift)
    tail = signed_tail(signer, head, flags_at, shopper_tail(unsigned_tail(answer.tail)))
    return msgspec.structs.replace(answer, head=head, tail=tail, flags_at=flags_at, bodies=())


def shopper_data(data: bytes, signer: QuoteSigner) -> bytes:
    """The data of an issued quote in the shopper's form; what has that form already stays as it is, signature and all."""
    head, tail, (start, end) = split_data(data)
    cut = shopper_head(head)
    if cut is head:
        return data
    shift = len(cut) - len(head)
    return b'%b"miss"%b' % (
        cut,
        signed_tail(signer, cut, (start + shift, end + shift), shopper_tail(unsigned_tail(tail))),
    )


_NOT_SHARED_WARNING: Final = write_warning(
    Warning("quote_not_shared", "Redis is unavailable, so only this worker can return this quote again")
).encode()


class AnswerWriter:
    """Writes the answers of one worker."""

    __slots__ = ("_counts", "_kept_form", "_signer", "_ttl_us")

    def __init__(self, signer: QuoteSigner, ttl_us: int, counts: QuoteCounts | None, kept_form: int) -> None:
        self._signer = signer
        self._kept_form = kept_form
        self._ttl_us = ttl_us
        self._counts = counts

    def write(
        self, quote: Quote, bits: int, rulebook_version: int, at_us: int, good_until_us: int, reported: bytes
    ) -> LocalAnswer:
        """Write and sign a quote that has been worked out, with these warnings about its request."""
        quote_id = uuid7(at_us // 1000, bits)
        valid_until_us = at_us + self._ttl_us
        text = write_quote(quote, quote_id, at_us, valid_until_us)
        before, flags, middle, tail = text.head.encode(), text.flags.encode(), text.middle.encode(), text.tail.encode()
        if reported:
            tail = with_request_warnings(tail, reported)
        plain = plain_flags(text.flags).encode()
        signature = self._signer.sign_pieces((before, plain, middle, b'"miss"', tail, b"}"))
        counts = self._counts
        return LocalAnswer(
            quote_id=quote_id,
            bits=bits,
            rulebook_version=rulebook_version,
            issued_at_us=at_us,
            good_until_us=good_until_us,
            valid_until_us=valid_until_us,
            external_ref=quote.basket.external_ref,
            head=b"%b%b%b" % (before, flags, middle),
            tail=b'%b,"signature":"%b"}' % (tail, signature.encode()),
            flags_at=(len(before), len(before) + len(flags)),
            request=kept_request(quote.basket, quote.floors_minor),
            request_warnings=reported,
            cell=None if counts is None else counts.cell_of(quote, text.flags),
        )

    def with_echo(self, answer: LocalAnswer, external_ref: str | None, reported: bytes) -> LocalAnswer:
        """The same quote with another reference to echo, or other fields to warn about, signed again."""
        before = _reference(answer.external_ref)
        after = _reference(external_ref)
        shift = len(after) - len(before)
        head = answer.head.replace(before, after, 1)  # the reference stands before all other text from outside
        flags_at = (answer.flags_at[0] + shift, answer.flags_at[1] + shift)
        tail = with_request_warnings(
            without_request_warnings(unsigned_tail(answer.tail), answer.request_warnings), reported
        )
        return msgspec.structs.replace(
            answer,
            external_ref=external_ref,
            request_warnings=reported,
            head=head,
            tail=signed_tail(self._signer, head, flags_at, tail),
            flags_at=flags_at,
            bodies=(),
        )

    def unshared(self, answer: LocalAnswer) -> LocalAnswer:
        """The answer with the warning that no other process knows it, signed again."""
        tail = with_request_warnings(
            without_request_warnings(unsigned_tail(answer.tail), answer.request_warnings), _NOT_SHARED_WARNING
        )
        tail = signed_tail(
            self._signer, answer.head, answer.flags_at, with_request_warnings(tail, answer.request_warnings)
        )
        return msgspec.structs.replace(answer, tail=tail)

    def for_shopper(self, answer: LocalAnswer) -> LocalAnswer:
        """The answer in the form that a shopper gets."""
        return shopper_answer(answer, self._signer)

    def pack(self, answer: LocalAnswer) -> bytes:
        """A new quote as it is kept in Redis."""
        data = issued_data(answer)
        return pack_quote(
            KeptQuote(
                answer.quote_id,
                answer.rulebook_version,
                answer.issued_at_us,
                answer.valid_until_us,
                data,
                answer.request,
                answer.form,
                earlier_data(data, self._kept_form, self._signer) if self._kept_form < answer.form else None,
            )
        )


def kept_answer(kept: KeptQuote, ours: LocalAnswer) -> LocalAnswer:
    """A quote that another process issued, as an answer of this one, which had priced the same basket to the same end."""
    head, tail, flags_at = split_data(kept.data)
    return LocalAnswer(
        quote_id=kept.quote_id,
        bits=ours.bits,
        rulebook_version=kept.rulebook_version,
        issued_at_us=kept.issued_at_us,
        good_until_us=min(kept.valid_until_us, ours.good_until_us),
        valid_until_us=kept.valid_until_us,
        external_ref=echoed_reference(kept.data),
        head=head,
        tail=tail,
        flags_at=flags_at,
        request=kept.request,
        request_warnings=request_warnings_in(tail),
        edition=ours.edition,
        shown=ours.shown,
        cell=ours.cell,
        form=kept.form,
    )


def _reference(external_ref: str | None) -> bytes:
    return b'"external_ref":' + msgspec.json.encode(external_ref) + b',"subtotal":'
