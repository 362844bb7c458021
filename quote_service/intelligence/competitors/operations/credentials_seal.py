"""Credentials of APIs as they are stored: nothing in the database alone can open them.

They have to be read again, to be sent. The sealing key is derived from a secret that signs access tokens; which one stands
beside what is sealed, so that a sweep can seal again when another is the first.

Source: docs/spec/competitors.md#credentials.
"""

import hashlib
import hmac
import os
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quote_service.platform.settings import Keys

_PURPOSE = b"quote-service competitor credentials"
_NONCE_BYTES = 12


class CredentialsLost(Exception):
    """The key that they were sealed with is no longer among ours."""


class CredentialsSeal:
    """Seals with the first of the keys, and opens with any."""

    def __init__(self, keys: Keys) -> None:
        self.key_id = keys[0].kid
        self._ciphers = {key.kid: AESGCM(hmac.digest(key.secret, _PURPOSE, hashlib.sha256)) for key in reversed(keys)}

    def seal(self, source_id: UUID, credentials: dict[str, str]) -> bytes:
        """Credentials for this source's row: in another's they cannot be opened."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[self.key_id].encrypt(
            nonce, msgspec.json.encode(credentials), _PURPOSE + source_id.bytes
        )

    def open(self, source_id: UUID, sealed: bytes, key_id: str) -> dict[str, str]:
        """The credentials again.

        Raises:
            CredentialsLost: They cannot be opened; only others help.
        """
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CredentialsLost
        try:
            opened = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE + source_id.bytes)
        except InvalidTag:
            raise CredentialsLost from None
        return msgspec.json.decode(opened, type=dict[str, str])
