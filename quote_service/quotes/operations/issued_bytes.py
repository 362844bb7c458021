"""The bytes of an issued quote in their parts, and the same quote in the form that a shopper sees.

Source: docs/spec/quotes.md#caching; docs/spec/access.md#shoppers-quotes.
"""

import msgspec

from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.shopper_form import shopper_head
from quote_service.quotes.operations.local_quotes import LocalAnswer
from quote_service.quotes.operations.sign_quote import QuoteSigner

_MISS = b'"miss"'
_SIGNATURE = b',"signature":'


def issued_data(answer: LocalAnswer) -> bytes:
    """The data of an answer as it was issued, byte for byte."""
    return b'%b"miss"%b' % (answer.head, answer.tail)


def split_data(data: bytes) -> tuple[bytes, bytes, tuple[int, int]]:
    """What stands before and after the value of `cache`, and where in the first the value of `feature_flags` stands."""
    # After `cache` come only warnings and the signature, none of which holds a member of that name.
    cut = data.rindex(b',"cache":"miss",') + len(b',"cache":')
    head, tail = data[:cut], data[cut + len(_MISS) :]
    start = head.index(b'"feature_flags":') + len(b'"feature_flags":')
    return head, tail, (start, head.rindex(b',"valid_from":'))


def unsigned_tail(tail: bytes) -> bytes:
    """What stands after the value of `cache`, without the signature."""
    return tail[: tail.rindex(_SIGNATURE)]


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
    tail = signed_tail(signer, head, flags_at, unsigned_tail(answer.tail))
    return msgspec.structs.replace(answer, head=head, tail=tail, flags_at=flags_at, bodies=())


def shopper_data(data: bytes, signer: QuoteSigner) -> bytes:
    """The data of an issued quote in the shopper's form; what has that form already stays as it is, signature and all."""
    head, tail, (start, end) = split_data(data)
    cut = shopper_head(head)
    if cut is head:
        return data
    shift = len(cut) - len(head)
    return b'%b"miss"%b' % (cut, signed_tail(signer, cut, (start + shift, end + shift), unsigned_tail(tail)))
