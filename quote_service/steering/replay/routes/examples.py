"""Examples for the API's description; the result is one that was worked out."""

from typing import Any

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.steering.replay.model.documents import ReplayDetail, ReplayDraft
from quote_service.steering.replay.model.largest_changes import AppliedRule, ChangedQuote, ChangedStep, amount
from quote_service.steering.replay.model.not_replayed import NotReplayed
from quote_service.steering.replay.model.replays import ReplayRecord
from quote_service.steering.replay.model.result import result_of
from quote_service.steering.replay.model.tally import BUCKETS, FIGURES, CurrencyTally, Tally

_SELLER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
_QUOTE = "0199a1b2-d000-7e5f-8a9b-0c1d2e3f4a5b"
_BEFORE = {"item_total": 20_000, "total_amount": 20_000, "total_commission": 2000, "seller_commission": 2000}
_AFTER = {**_BEFORE, "discount_amount": 2000, "platform_funded_discount": 2000, "total_amount": 18_000}


def _sums(figures: dict[str, int], payouts: int) -> list[int]:
    return [{**figures, "payouts": payouts}.get(name, 0) for name in FIGURES]


def _histogram() -> list[int]:
    bars = [0] * BUCKETS
    bars[2], bars[BUCKETS // 2] = 1, 1
    return bars


def _tally() -> Tally:
    group = [2, 20_000, 0, 2000, 18_000, 2000, 2000]
    changed = ChangedQuote(
        rank=2000,
        quote_id=_QUOTE,
        total_before=amount(10_000, 2),
        total_after=amount(8000, 2),
        commission_before=amount(1000, 2),
        commission_after=amount(1000, 2),
        rules_gone=[],
        rules_new=[AppliedRule("0199a1b2-e000-7e5f-8a9b-0c1d2e3f4a5b", "Spring")],
        steps_before=[],
        steps_after=[ChangedStep("promotion", "Spring", amount(-2000, 2))],
    )
    block = CurrencyTally(
        exponent=2,
        quotes=2,
        changed=1,
        down=1,
        before=_sums(_BEFORE, 18_000),
        after=_sums(_AFTER, 18_000),
        sellers={_SELLER: group},
        categories={"": group},
        regions={"TR/Istanbul": group},
        histogram=_histogram(),
        largest=[changed],
    )
    tally = Tally(seen=3, replayed=2, currencies={"TRY": block})
    tally.leave_out(NotReplayed("0199a1b2-d001-7e5f-8a9b-0c1d2e3f4a5b", "request-not-kept"))
    return tally


DRAFT: dict[str, Any] = {
    "from": "2026-03-01T00:00:00Z",
    "to": "2026-03-08T00:00:00Z",
    "sample": 0.5,
    "draft_rules": [
        {"name": "Spring", "type": "PROMOTION", "configuration": {"kind": "percent", "value": 20}},
    ],
    "ended_rules": ["Winter"],
}
RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "status": "queued",
    "from": DRAFT["from"],
    "to": DRAFT["to"],
    "sample": 0.5,
    "change_set_id": None,
    "warnings": [],
    "quotes": None,
    "quotes_done": 0,
    "error": None,
    "created_by": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "created_at": "2026-03-09T09:00:00Z",
    "started_at": None,
    "finished_at": None,
    "expires_at": None,
}
RUNNING: dict[str, Any] = {
    **RECORD,
    "status": "running",
    "quotes": 3,
    "quotes_done": 1,
    "started_at": "2026-03-09T09:00:01Z",
}
DETAIL: dict[str, Any] = {
    **RUNNING,
    "status": "done",
    "quotes_done": 3,
    "finished_at": "2026-03-09T09:00:02Z",
    "expires_at": "2026-03-10T09:00:02Z",
    "change": {name: DRAFT[name] for name in ("draft_rules", "ended_rules")},
    "result": parse_exact(write_document(result_of(_tally()))),
}
EVENTS = f"event: progress\ndata: {write_document(RUNNING).decode()}\n\n"
EXAMPLES: dict[Any, Any] = {
    ReplayDraft: DRAFT,
    ReplayRecord: RECORD,
    ReplayDetail: DETAIL,
}
