"""The headers of a quote request, read once for all that the way to a quote asks of them.

A client that keeps its connection sends the same head again and again; `hot_protocol.py` then hands the same object on.

Source: docs/spec/wire.md; docs/spec/quotes.md; `docs/performance.md`.
"""

from typing import Final

from quote_service.platform.callers.api_keys import KEY_LENGTH_MAX, key_digest
from quote_service.platform.http.protocol.preferences import prefers
from quote_service.platform.http.request_ids import acceptable_request_id

_JSON_TYPES: Final = {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
PLAIN_ENCODINGS: Final = {None, b"", b"identity"}

Headers = list[tuple[bytes, bytes]]


class RequestHead:
    """What headers (lower-case names) say.

    Attributes:
        headers: All of them, as they came; of a head that is sent again, `content-length` is the first one's.
        named: The same by name; the last one where a name is given twice.
        key_digest: Of the API key, where that is the only credential and given once; otherwise None, and `headers`
            have to be read with patience.
        is_plain: Whether the body is JSON, uncoded, beyond doubt.
        bypasses: Whether the caller wants a quote that is no kept one.
        is_strict: Whether a field that nobody reads is to be refused (RFC 7240, `Prefer: handling=strict`).
        is_traced: Whether the request belongs to a caller's trace.
        request_id: The caller's own, where it is acceptable.
    """

    __slots__ = ("bypasses", "headers", "is_plain", "is_strict", "is_traced", "key_digest", "named", "request_id")

    def __init__(self, headers: Headers, named: dict[bytes, bytes] | None = None) -> None:
        """`named`: the headers by name, where that is known already."""
        if named is None:
            named = dict(headers)
        self.headers = headers
        self.named = named
        key = named.get(b"x-api-key")
        is_sole = key is not None and b"authorization" not in named and len(named) == len(headers)
        self.key_digest: bytes | None = None
        if is_sole and key is not None and len(key) <= KEY_LENGTH_MAX:
            self.key_digest = key_digest(key)
        self.is_plain = named.get(b"content-encoding") in PLAIN_ENCODINGS and named.get(b"content-type") in _JSON_TYPES
        self.bypasses = b"cache-control" in named and b"no-cache" in named[b"cache-control"].lower()
        self.is_strict = b"prefer" in named and prefers(
            [value for name, value in headers if name == b"prefer"], "handling", "strict"
        )
        self.is_traced = b"traceparent" in named
        self.request_id = acceptable_request_id(headers) if b"x-request-id" in named else None
