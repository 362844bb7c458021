"""The signature of a quote: `<key id>.<HMAC-SHA-256>`, so that a checkout can show that every figure was ours.

What is signed is the data as issued, without the signature, and in the one form that every JSON reader can restore:
`cache` says `miss` (how an answer was found is no part of the price), and flags are plain (`quotes/answer/plain_flags.py`).
`docs/signature.md` tells a checkout how to do the same. The first key signs; all of them verify.

Source: docs/spec/quotes.md#signature.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Sequence

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


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


def _digest_text(digest: bytes) -> str:
    return b2a_base64(digest, newline=False).translate(_URL_SAFE, b"=").decode()
