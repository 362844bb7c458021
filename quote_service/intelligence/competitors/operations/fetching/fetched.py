"""What came back of one request, as far as it is judged without being read.

Source: docs/spec/competitors.md#outcomes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from quote_service.intelligence.competitors.model.outcomes import CONFIRMING, LATER, Outcome, outcome_of_status
from quote_service.intelligence.competitors.model.reading.challenges import challenge_mark
from quote_service.intelligence.competitors.model.retry_after import retry_after_seconds
from quote_service.intelligence.competitors.operations.fetching.decode_body import Undecodable, decode_body
from quote_service.intelligence.competitors.operations.reading.messages import Answer
from quote_service.platform.outbound.client import OutboundAnswer

_MAY_WAIT = (429, 503)


class Fetched(NamedTuple):
    """How a request ended; with `ok` its body is to be read.

    Attributes:
        may_be_challenge: It has a captcha: where nothing is sold on it, it asks for proof of a human.
    """

    outcome: Outcome
    detail: str = ""
    url: str = ""
    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""
    retry_after_seconds: float = 0.0
    is_challenge: bool = False
    may_be_challenge: bool = False
    crawl_delay_seconds: float = 0.0


class Asked(NamedTuple):
    """A request of a fetch, and what was read of its answer; `batch` is the number of one of many, from 0."""

    fetched: Fetched
    read: Answer = Answer()
    batch: int | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.read.outcome if self.fetched.outcome == "ok" else self.fetched.outcome

    @property
    def retry_after_seconds(self) -> float:
        """How long we were asked to wait, of the request or of an item within its answer."""
        if self.fetched.outcome != "ok" or self.read.outcome not in LATER:
            return self.fetched.retry_after_seconds
        return max(self.read.retry_after_seconds, retry_after_seconds(self.fetched.headers, datetime.now(UTC)))

    @property
    def detail(self) -> str:
        """What there is to say of it."""
        return self.read.detail if self.fetched.outcome == "ok" else self.fetched.detail


def judge(url: str, answer: OutboundAnswer, bytes_max: int) -> Fetched:
    """How a request ended that got an answer, redirects aside."""
    outcome = outcome_of_status(answer.status)
    detail = "" if outcome in CONFIRMING else f"The server answered {answer.status}"
    wait = retry_after_seconds(answer.headers, datetime.now(UTC)) if answer.status in _MAY_WAIT else 0.0
    messages = Fetched(outcome, detail, url, answer.status, answer.headers, retry_after_seconds=wait)
    if outcome in ("not_modified", "gone"):
        return messages
    try:
        body = decode_body(answer.headers, answer.body, bytes_max)
    except Undecodable as refused:
        reason = str(refused) if answer.is_complete else f"it is longer than {bytes_max} bytes"
        return messages if outcome != "ok" else messages._replace(outcome="parse_error", detail=reason)
    mark = challenge_mark(answer.headers, body)
    # A captcha within a page is asked of whoever sends a form there; a refusal with one asks it of us.
    if mark == "sure" or (mark == "perhaps" and outcome == "blocked"):
        return challenged(messages._replace(body=body))
    if outcome == "ok" and not answer.is_complete:
        return messages._replace(outcome="parse_error", detail=f"it is longer than {bytes_max} bytes")
    return messages._replace(body=body, may_be_challenge=mark is not None) if outcome == "ok" else messages


def challenged(fetched: Fetched) -> Fetched:
    """What came back is a page that asks for proof of a human."""
    return fetched._replace(outcome="blocked", detail="The server asks for proof of a human", is_challenge=True)
