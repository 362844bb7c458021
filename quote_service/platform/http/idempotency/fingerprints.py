"""What distinguishes one request from another under one Idempotency-Key: method, path, query and body.

JSON bodies compare by what they say, so that a client may order members and space otherwise when it repeats; numbers
compare as they are written. A large body compares by its bytes: reading it twice would hold up everyone else.

Source: docs/spec/wire.md#idempotency-keys.
"""

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

_CANONICAL_BYTES_MAX = 256 * 1024
# An object of one plain text, as most orders are: it is in the canonical form already, and reading it costs more than all else.
_ONE_TEXT = re.compile(rb'\{"[a-z_]+":"[ !#-\[\]-~]*"\}')


def fingerprint_of(method: str, scope: Any, body: bytes) -> bytes:
    """The SHA-256 of one request."""
    parts = (method.encode(), scope["path"].encode(), scope.get("query_string", b""), _canonical(body))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()


def _canonical(body: bytes) -> bytes:
    if len(body) > _CANONICAL_BYTES_MAX or _ONE_TEXT.fullmatch(body):
        return body
    try:
        value = json.loads(body, parse_float=Decimal)
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_as_written).encode()
    except (ValueError, RecursionError, ArithmeticError):
        return body  # no JSON, or none that will be accepted: its bytes are what it is


def _as_written(number: object) -> dict[str, str]:
    return {"\0number": str(number)}
