"""The process that reads what others publish. It has no credentials, no database and no network of ours in hand.

It reads one job after the other from its input and ends with it. Libraries that parse pages keep memory and now and then
meet a page that they cannot end with: so they live here, and the process is replaced after a number of jobs, or killed.

    python -P -m quote_service.intelligence.competitors.operations.reading.reading_process

Source: docs/spec/competitors.md#the-process-that-reads.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec

from quote_service.intelligence.competitors.model.reading.read_feed import (
    FeedJob,
    ItemsJob,
    UnreadableFeed,
    read_feed,
    read_items,
)
from quote_service.intelligence.competitors.model.reading.read_page import PageJob, read_page
from quote_service.intelligence.competitors.model.reading.read_rows import RowsRead
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob, read_robots
from quote_service.intelligence.competitors.model.reading.score_titles import ScoreJob, score_titles
from quote_service.intelligence.competitors.operations.reading.messages import LENGTH_BYTES, Answer, Job, frame

_MEMORY_BYTES_MAX = 2 << 30
_NICE = 10


def answer(job: Job) -> Answer:
    """What comes of a job; a page that breaks a library is a page that cannot be read."""
    try:
        return _ANSWERS[type(job)](job)
    except UnreadableFeed as refused:
        return Answer(outcome="parse_error", detail=str(refused))
    except Exception as failure:  # noqa: BLE001 (whatever a library makes of a hostile page; the job is told, and the next comes)
        return Answer(outcome="parse_error", detail=f"it could not be read ({type(failure).__name__})")


def _page(job: PageJob) -> Answer:
    read = read_page(job)
    offers = [] if read.offer is None else [read.offer]
    return Answer(outcome=read.outcome, detail=read.detail, offers=offers, may_change=read.may_change)


def _rows(read: RowsRead) -> Answer:
    reasons = "; ".join(read.reasons)
    wait = read.retry_after_seconds
    if not read.offers:
        nothing = reasons[:2000] or "there are no rows"
        return Answer(outcome=read.outcome or "no_price", detail=nothing, retry_after_seconds=wait)
    refused = f"{read.refused} {'row' if read.refused == 1 else 'rows'} refused: {reasons}" if read.refused else reasons
    detail = "; ".join(filter(None, (*read.messages, refused)))[:2000]
    return Answer(
        outcome=read.outcome or "ok",
        detail=detail,
        offers=read.offers,
        retry_after_seconds=wait,
        may_change=read.may_change,
    )


_ANSWERS: dict[type, Callable[[Any], Answer]] = {
    PageJob: _page,
    FeedJob: lambda job: _rows(read_feed(job)),
    ItemsJob: lambda job: _rows(read_items(job)),
    ScoreJob: lambda job: Answer(scored=score_titles(job)),
    RobotsJob: lambda job: Answer(robots=read_robots(job)),
}


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until the input ends."""
    decoder = msgspec.msgpack.Decoder(Job)
    while len(head := source.read(LENGTH_BYTES)) == LENGTH_BYTES:
        body = source.read(int.from_bytes(head, "big"))
        sink.write(frame(answer(decoder.decode(body))))
        sink.flush()


def main() -> None:
    """Read from the standard input, within limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES_MAX, _MEMORY_BYTES_MAX))
    with suppress(OSError):
        os.nice(_NICE)
    sink = sys.stdout.buffer
    # What a library prints must not come between the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
