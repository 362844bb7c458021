"""Standard Webhooks signatures: who sent a webhook, and that nobody changed it.

Source: docs/spec/webhooks.md#signatures; Standard Webhooks 1.0.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

SECRET_BYTES = 32
_PREFIX = "whsec_"


def shown_secret(secret: bytes) -> str:
    """A secret as receivers write it into their configuration."""
    return _PREFIX + base64.b64encode(secret).decode()


def signature_headers(message_id: str, second: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of one attempt; with several secrets each signs, and a receiver needs one of them.

    Args:
        message_id: The same for every attempt.
        second: The instant of this attempt, in seconds since 1970.
        body: As it is sent.
        secrets: At least one.
    """
    signed = f"{message_id}.{second}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
