"""Answers that show a secret once (a new API key) are kept sealed for the repeat of their request.

Nothing in the database can open them: the sealing key is derived from the secret that signs access tokens. After that
secret has been rotated away the answer cannot be shown again.

Source: docs/spec/access.md#api-keys; docs/spec/wire.md#idempotency-keys.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed
from quote_service.platform.system.parts import Parts

_PURPOSE = b"quote-service sealed answers"
_NONCE_BYTES = 12


def seal_answer(body: bytes, parts: Parts) -> bytes:
    """The body, readable by this service alone."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(parts[Settings].jwt_keys[0].secret).encrypt(nonce, body, _PURPOSE)


def open_answer(sealed: bytes, parts: Parts) -> bytes:
    """The body again.

    Raises:
        AnswerSealed: The secret that it was sealed with is no longer among ours.
    """
    for key in parts[Settings].jwt_keys:
        try:
            return _cipher(key.secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE)
        except InvalidTag:
            continue
    raise AnswerSealed(
        "The first response held a secret and the keys have been rotated since; revoke what it created and create another"
    )


def sealed_digests(digest: bytes, parts: Parts) -> tuple[bytes, ...]:
    """The digest of a request that holds a secret, keyed: by the first of our keys, then by each older one.

    Without a key, whoever read the database could try passwords against it.
    """
    return tuple(hmac.digest(key.secret, _PURPOSE + digest, hashlib.sha256) for key in parts[Settings].jwt_keys)


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, _PURPOSE, hashlib.sha256))
