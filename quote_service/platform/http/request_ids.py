"""The id under which a request is answered and logged, and the trace it belongs to.

Source: docs/spec/wire.md#request-ids-and-traces; W3C Trace Context, 3.2.
"""

import re
from collections.abc import Iterable

from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.traces import TraceParent, read_traceparent

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{1,128}")


def request_id_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's X-Request-ID when it is acceptable, otherwise a new one."""
    return acceptable_request_id(headers) or new_id()


def acceptable_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The caller's X-Request-ID when there is one that is acceptable; the first, where it is given twice."""
    for name, value in headers:
        if name == b"x-request-id":
            return value.decode() if _ACCEPTABLE.fullmatch(value) else None
    return None


def trace_parent_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> TraceParent | None:
    """The caller's `traceparent`; None if there is none, more than one, or one that cannot be used."""
    values = [value for name, value in headers if name == b"traceparent"]
    return read_traceparent(values[0].decode("latin-1")) if len(values) == 1 else None
