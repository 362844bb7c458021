"""The id under which a request is answered and logged, and the trace it belongs to.

Source: docs/spec/wire.md#request-ids-and-traces; W3C Trace Context, 3.2.
"""

import re
from collections.abc import Iterable

from quote_service.system.new_ids import new_id
from quote_service.telemetry.traces import TraceParent

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


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
    found = _TRACEPARENT.fullmatch(values[0]) if len(values) == 1 else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    # Later versions may have more fields, version 00 has not; ff is no version.
    if version == b"ff" or (version == b"00" and more):
        return None
    parent = TraceParent(trace_id.decode(), span_id.decode(), bool(int(flags, 16) & 1))
    return None if parent.trace_id == _NO_TRACE or parent.span_id == _NO_SPAN else parent
