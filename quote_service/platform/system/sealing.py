"""Secrets that have to be read again, as they are stored: nothing in the database alone can open them.

The sealing key is derived from a secret of the service; which one stands beside what is sealed, so that a sweep can seal again
when another is the first.

Source: docs/spec/webhooks.md#signatures; docs/spec/access.md#second-factor.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealedSecret(NamedTuple):
    """A sealed secret, and the id of the key that opens it."""

    text: bytes
    key_id: str


class SecretLost(Exception):
    """The key that a secret was sealed with is no longer among ours, or it was sealed for something else."""


class Seal:
    """Seals with the first of the keys, and opens with any."""

    def __init__(self, keys: Sequence[tuple[str, bytes]], purpose: bytes) -> None:
        """Take keys as ids with secrets; what is sealed for another purpose cannot be opened."""
        self.key_id = keys[0][0]
        self.former_key_ids = tuple(key_id for key_id, _ in keys[1:])
        self._purpose = purpose
        self._ciphers = {
            key_id: AESGCM(hmac.digest(secret, purpose, hashlib.sha256)) for key_id, secret in reversed(keys)
        }

    def seal(self, row_id: UUID, secret: bytes) -> SealedSecret:
        """A secret for the row of this id: in another's it cannot be opened."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.key_id].encrypt(nonce, secret, self._purpose + row_id.bytes)
        return SealedSecret(nonce + sealed, self.key_id)

    def open(self, row_id: UUID, sealed: SealedSecret) -> bytes:
        """The secret again.

        Raises:
            SecretLost: It cannot be opened; only another secret helps.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise SecretLost
        try:
            return cipher.decrypt(sealed.text[:_NONCE_BYTES], sealed.text[_NONCE_BYTES:], self._purpose + row_id.bytes)
        except (InvalidTag, ValueError):
            raise SecretLost from None
