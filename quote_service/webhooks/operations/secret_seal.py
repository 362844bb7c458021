"""Secrets of endpoints as they are stored: nothing in the database alone can open them.

Unlike a password they have to be read again, to sign. The sealing key is derived from a secret that signs access tokens;
which one stands beside what is sealed, so that a sweep can seal anew when another is the first.

Source: docs/spec/webhooks.md#signatures.
"""

import hashlib
import hmac
import os
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quote_service.settings import Keys

_PURPOSE = b"quote-service webhook secrets"
_NONCE_BYTES = 12


class SealedSecret(NamedTuple):
    """A sealed secret, and the id of the key that opens it."""

    text: bytes
    key_id: str


class SecretLost(Exception):
    """The key that a secret was sealed with is no longer among ours."""


class SecretSeal:
    """Seals with the first of the keys, and opens with any."""

    def __init__(self, keys: Keys) -> None:
        self.key_id = keys[0].kid
        self._ciphers = {key.kid: AESGCM(hmac.digest(key.secret, _PURPOSE, hashlib.sha256)) for key in reversed(keys)}

    def seal(self, endpoint_id: UUID, secret: bytes) -> SealedSecret:
        """A secret for this endpoint's row: in another's it cannot be opened."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.key_id].encrypt(nonce, secret, _PURPOSE + endpoint_id.bytes)
        return SealedSecret(nonce + sealed, self.key_id)

    def open(self, endpoint_id: UUID, sealed: SealedSecret) -> bytes:
        """The secret again.

        Raises:
            SecretLost: It cannot be opened; only another secret helps.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise SecretLost
        try:
            return cipher.decrypt(sealed.text[:_NONCE_BYTES], sealed.text[_NONCE_BYTES:], _PURPOSE + endpoint_id.bytes)
        except InvalidTag:
            raise SecretLost from None
