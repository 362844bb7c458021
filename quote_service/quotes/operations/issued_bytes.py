"""The bytes of an issued quote in their parts, and the same quote in the form that a shopper sees.

Source: docs/spec/quotes.md#caching; docs/spec/access.md#shoppers-quotes.
"""

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.quotes.answer.earlier_forms import turn_into_form
from quote_service.quotes.answer.issued_parts import split_data, unsigned_tail
from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.restore_quote import restore_quote
from quote_service.quotes.answer.shopper_form import shopper_head, shopper_tail
from quote_service.quotes.operations.local_quotes import LocalAnswer
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
