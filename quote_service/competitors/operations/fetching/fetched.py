"""What came back of one request, as far as it is judged without being read.

Source: docs/spec/competitors.md#outcomes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from quote_service.competitors.operations.fetching.decode_body import Undecodable, decode_body
from quote_service.competitors.words.outcomes import BACK_OFF_MAX_SECONDS, Outcome
from quote_service.competitors.words.reading.challenges import is_challenge
from quote_service.outbound.client import OutboundAnswer

_MAY_WAIT = (429, 503)


class Fetched(NamedTuple):
    """How a request ended; with `ok` its body is to be read."""

    outcome: Outcome
    detail: str = ""
    url: str = ""
    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""
    retry_after_seconds: float = 0.0
    is_challenge: bool = False
    crawl_delay_seconds: float = 0.0


def judge(url: str, answer: OutboundAnswer, bytes_max: int) -> Fetched:
    """How a request ended that got an answer, redirects aside."""
    outcome, detail = _outcome_of(answer.status)
    wait = retry_after_seconds(answer.headers) if answer.status in _MAY_WAIT else 0.0
    told = Fetched(outcome, detail, url, answer.status, answer.headers, retry_after_seconds=wait)
    if outcome in ("not_modified", "gone"):
        return told
    try:
        body = decode_body(answer.headers, answer.body, bytes_max)
    except Undecodable as refused:
        reason = str(refused) if answer.is_whole else f"it is longer than {bytes_max} bytes"
        return told if outcome != "ok" else told._replace(outcome="parse_error", detail=reason)
    if is_challenge(answer.headers, body):
        return told._replace(
            outcome="blocked", detail="The server asks for proof of a human", is_challenge=True, body=body
        )
    if outcome == "ok" and not answer.is_whole:
        return told._replace(outcome="parse_error", detail=f"it is longer than {bytes_max} bytes")
    return told._replace(body=body) if outcome == "ok" else told


def _outcome_of(status: int) -> tuple[Outcome, str]:
    if 200 <= status <= 299:
        return "ok", ""
    if status == 304:
        return "not_modified", ""
    if status in (404, 410):
        return "gone", f"The server answered {status}"
    if 400 <= status <= 499:
        return "blocked", f"The server answered {status}"
    return "unreachable", f"The server answered {status}"


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """What `Retry-After` asks for, in seconds or as a date; 0 where it cannot be read, and never more than a day."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), BACK_OFF_MAX_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        return 0.0
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), BACK_OFF_MAX_SECONDS)
