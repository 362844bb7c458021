"""Which work of the background is traced, and what its span says; source: docs/spec/operations.md#traces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.system.traces import (
    BACKGROUND,
    CALLS_MAX,
    LINKS_MAX,
    SPAN,
    Call,
    OpenSpan,
    Span,
    SpanIds,
    Traces,
    current_traceparent,
    new_trace,
    note_cause,
    read_traceparent,
    shared_span,
    traced_work,
    usable_traceparent,
    work_span,
)

IDS = st.builds(SpanIds, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.just(0))
CALL = Call("GET", 1, 2, {})


class Sent:
    """An exporter that keeps what it is handed."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def emit_span(self, span: Span) -> None:
        self.spans.append(span)


def open_span(sent: Sent) -> OpenSpan:
    return OpenSpan(Traces(sent, 0), new_trace())


@pytest.fixture
def sent() -> Iterator[Sent]:
    """What is sent of a process that traces nothing by chance."""
    kept = Sent()
    token = BACKGROUND.set(Traces(kept, 0))
    yield kept
    BACKGROUND.reset(token)


@given(IDS)
def test_what_is_written_is_read(ids: SpanIds) -> None:
    read = read_traceparent(ids.traceparent)
    assert read is not None
    assert (int(read.trace_id, 16), int(read.span_id, 16), read.is_sampled) == (ids.trace_id, ids.span_id, True)
    assert usable_traceparent(ids.traceparent) == ids.traceparent


@given(st.text())
def test_what_is_none_is_handed_to_nobody(text: str) -> None:
    assert usable_traceparent(text) is None
    assert usable_traceparent(f"00-{'0' * 32}-{'1' * 16}-01") is None
    assert usable_traceparent(f"00-{'1' * 32}-{'1' * 16}-01\r\nx: y") is None


def test_work_with_a_traced_cause_is_a_trace_of_its_own_with_a_link(sent: Sent) -> None:
    cause = new_trace()
    with work_span("work", "consumer", causes=[None, cause.traceparent, "nonsense"]) as span:
        span.worked(messages=3)
        traceparent = current_traceparent()
        below = SPAN.get()
        assert below is not None
        below.record(CALL)
    work, call = sent.spans
    assert (work.name, work.kind, work.attributes, work.is_failed) == ("work", "consumer", {"messages": 3}, False)
    assert traceparent == work.ids.traceparent
    assert work.ids.trace_id != cause.trace_id
    assert [int(link.span_id, 16) for link in work.links] == [cause.span_id]
    assert (call.ids.trace_id, call.ids.parent_id, call.kind) == (work.ids.trace_id, work.ids.span_id, "client")
    assert SPAN.get() is None


def test_work_that_found_nothing_or_was_not_chosen_is_not_sent(sent: Sent) -> None:
    with work_span("idle", causes=[new_trace().traceparent]):
        pass
    with work_span("not chosen") as span:
        span.worked()
        assert current_traceparent() is None
    with work_span("without cause", has_causes_later=True) as span:
        span.caused_by([None])
        span.worked()
    assert not sent.spans


def test_a_cause_may_be_found_within_and_a_mistake_is_reported(sent: Sent) -> None:
    def work() -> None:
        with work_span("work", has_causes_later=True):
            assert current_traceparent() is None
            note_cause(new_trace().traceparent)
            assert current_traceparent() is not None
            raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        work()
    (span,) = sent.spans
    assert span.is_failed
    assert span.attributes == {"error.type": "ValueError"}


def test_what_one_span_holds_is_bounded(sent: Sent) -> None:
    with work_span("work", causes=[new_trace().traceparent for _ in range(2 * LINKS_MAX)]) as span:
        span.worked()
        below = SPAN.get()
        assert below is not None
        for _ in range(2 * CALLS_MAX):
            below.record(CALL)
    assert len(sent.spans) == 1 + CALLS_MAX
    assert len(sent.spans[0].links) == LINKS_MAX


async def test_an_operation_says_by_its_answer_whether_it_has_worked(sent: Sent) -> None:
    @traced_work("count", has_causes_later=True)
    async def count(number: int) -> int:
        note_cause(new_trace().traceparent)
        return number

    assert await count(0) == 0
    assert not sent.spans
    assert await count(2) == 2
    assert [span.name for span in sent.spans] == ["count"]


def test_work_within_a_request_is_the_requests(sent: Sent) -> None:
    request = open_span(sent)
    token = SPAN.set(request)
    with work_span("work", causes=[new_trace().traceparent]) as span:
        span.worked()
        assert current_traceparent() == request.traceparent
    SPAN.reset(token)
    assert not sent.spans


def test_what_several_requests_share_is_recorded_below_each() -> None:
    sent = Sent()
    first, second = open_span(sent), open_span(sent)
    assert shared_span([None, None]) is None
    assert shared_span([first]) is first
    shared = shared_span([first, None, second])
    assert shared is not None
    assert shared.traceparent is None  # whose rows they are is known of each row alone
    shared.record(CALL)
    assert [span.ids.parent_id for span in sent.spans] == [first.ids.span_id, second.ids.span_id]
    alone = shared_span([first, None])
    assert alone is not None
    assert alone.traceparent is None
