"""Secrets of endpoints as they are stored. Unlike a password they have to be read again, to sign.

Source: docs/spec/webhooks.md#signatures.
"""

from quote_service.platform.settings import Keys
from quote_service.platform.system.sealing import Seal, SealedSecret, SecretLost

__all__ = ["SealedSecret", "SecretLost", "SecretSeal"]

_PURPOSE = b"quote-service webhook secrets"


class SecretSeal(Seal):
    """Seals with the first of the keys that sign access tokens, and opens with any."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys, _PURPOSE)
