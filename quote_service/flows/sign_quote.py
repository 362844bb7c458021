"""The signature of a quote: `<key id>.<HMAC-SHA-256>`, so that a checkout can show that every figure was ours.

What is signed is the data as issued, without the signature, and in the one form that every JSON reader can restore:
`cache` says `miss` (how an answer was found is no part of the price), and the numbers of flags are in their shortest form.
`docs/signature.md` tells a checkout how to do the same. The first key signs; all of them verify.

Source: spec 2, After the quote.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

_NUMBER_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')


class QuoteSigner:
    """Signs with the first of its keys, and knows every one of them by its id."""

    __slots__ = ("_blank", "_key_id", "_secrets")

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise ValueError("quotes need a signing key")
        self._key_id = keys[0][0]
        self._secrets = dict(keys)
        # A keyed state to copy saves hashing the key's two blocks for each quote.
        self._blank = hmac.new(keys[0][1], digestmod="sha256")

    def sign(self, signed: bytes) -> str:
        """The signature of the bytes that are signed."""
        state = self._blank.copy()
        state.update(signed)
        return f"{self._key_id}.{_digest_text(state.digest())}"

    def holds(self, signed: bytes, signature: str) -> bool:
        """Whether a signature is ours for these bytes; says no to a key id that is not known."""
        key_id, _, _ = signature.rpartition(".")
        secret = self._secrets.get(key_id)
        if secret is None:
            return False
        wanted = f"{key_id}.{_digest_text(hmac.digest(secret, signed, 'sha256'))}"
        return hmac.compare_digest(wanted.encode(), signature.encode())


def signed_text(head: str, flags: str, middle: str, tail: str) -> str:
    """The text that is signed, from the pieces of an answer's data (`api/wire/encode_quote.py`)."""
    return f'{head}{plain_flags(flags)}{middle}"miss"{tail}}}'


@lru_cache(maxsize=4096)
def plain_flags(flags: str) -> str:
    """The JSON of the flags with every number in its shortest form: 10.0 -> 10, 1E+2 -> 100.

    Few different texts come by here, as many as there are combinations of flag outcomes.
    """
    return _NUMBER_OR_TEXT.sub(lambda found: _plain(found[0]), flags)


def _plain(token: str) -> str:
    if token.startswith('"'):
        return token
    return f"{Decimal(token).normalize():f}"


def _digest_text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
