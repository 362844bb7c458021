"""What goes to the process that reads, and what comes back: a length of four bytes, then MessagePack.

Source: docs/spec/competitors.md#the-process-that-reads.
"""

from typing import Final

import msgspec

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob, ItemsJob
from quote_service.intelligence.competitors.model.reading.read_page import PageJob
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob, RobotsRead
from quote_service.intelligence.competitors.model.reading.score_titles import Scored, ScoreJob

Job = PageJob | FeedJob | ItemsJob | ScoreJob | RobotsJob
LENGTH_BYTES: Final = 4
MESSAGE_BYTES_MAX: Final = 256 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job; of the fields only those of its kind are set."""

    outcome: Outcome = "ok"
    detail: str = ""
    offers: list[FoundOffer] = []
    scored: list[Scored] = []
    robots: RobotsRead | None = None
    retry_after_seconds: float = 0.0
    may_change: bool = False


def frame(message: Job | Answer) -> bytes:
    """A message as it is sent."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body
