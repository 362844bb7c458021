"""Answers to bytes that are no request that is taken: nobody knows which path they were for, or who sent them.

Source: docs/spec/wire.md#errors; RFC 9457.
"""

from functools import lru_cache
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from quote_service.platform.http.problems import PROBLEM_JSON, unreadable_problem
from quote_service.platform.http.protocol.hot_cycle import Reply
from quote_service.platform.http.security_headers import SECURITY_HEADERS
from quote_service.platform.system.new_ids import new_id


def refusal(status: int) -> Reply:
    """The answer with this status. The request may have sent an id, but nobody can tell."""
    head, body = _written(status)
    return Reply(b"%bx-request-id: %b\r\n" % (head, new_id().encode()), body)


def reply_head(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """The start of an answer with this status and these headers."""
    return STATUS_LINE[HTTPStatus(status)] + b"".join(b"%b: %b\r\n" % pair for pair in headers)


@lru_cache(maxsize=16)
def _written(status: int) -> tuple[bytes, bytes]:
    answer = unreadable_problem(status)
    return reply_head(status, ((b"content-type", PROBLEM_JSON.encode()), *SECURITY_HEADERS)), answer.body
