"""The signature of a quote: `<key id>.<HMAC-SHA-256>`, so that a checkout can show that every figure was ours.

What is signed is the data as issued, without the signature, and in the one form that every JSON reader can restore:
`cache` says `miss` (how an answer was found is no part of the price), and flags are plain (`quotes/answer/plain_flags.py`).
`docs/spec/signature.md` tells a checkout how to do the same. The first key signs; all of them verify.

Source: docs/spec/quotes.md#signature.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_BLOCK_BYTES: Final = 64  # of SHA-256
_INNER: Final = bytes(each ^ 0x36 for each in range(256))  # RFC 2104, 2
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


class QuoteSigner:
    """Signs with the first of its keys, and knows every one of them by its id."""

    __slots__ = ("_inner", "_key_id", "_outer", "_secrets")

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise ValueError("quotes need a signing key")
        self._key_id = keys[0][0]
        self._secrets = dict(keys)
        # HMAC's two keyed states, to be copied: the key's blocks are not hashed for each quote, and the library's own
        # object of both costs more to copy than a short answer to hash.
        block = _key_block(keys[0][1])
        self._inner: Any = sha256(block.translate(_INNER))
        self._outer: Any = sha256(block.translate(_OUTER))

    def sign(self, signed: bytes) -> str:
        """The signature of the bytes that are signed."""
        return self.sign_pieces((signed,))

    def sign_pieces(self, pieces: tuple[bytes, ...]) -> str:
        """The signature of bytes that stand one behind the other, which need not be put together for it."""
        inner = self._inner.copy()
        for piece in pieces:
            inner.update(piece)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return f"{self._key_id}.{_digest_text(outer.digest())}"

    def holds(self, signed: bytes, signature: str) -> bool:
        """Whether a signature is ours for these bytes; says no to a key id that is not known."""
        key_id, _, _ = signature.rpartition(".")
        secret = self._secrets.get(key_id)
        if secret is None:
            return False
        wanted = f"{key_id}.{_digest_text(hmac.digest(secret, signed, 'sha256'))}"
        return hmac.compare_digest(wanted.encode(), signature.encode())


def _key_block(secret: bytes) -> bytes:
    return (secret if len(secret) <= _BLOCK_BYTES else sha256(secret).digest()).ljust(_BLOCK_BYTES, b"\0")


def _digest_text(digest: bytes) -> str:
    return b2a_base64(digest, newline=False).translate(_URL_SAFE, b"=").decode()
