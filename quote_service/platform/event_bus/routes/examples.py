"""Examples for the API's description."""

from typing import Any

from quote_service.platform.event_bus.model.dead_letters import DeadLetter
from quote_service.platform.event_bus.model.status import BusStatus, EventReplayDraft, ReplayAsked

STATUS: dict[str, Any] = {
    "bus": "redis",
    "reach": {
        "status": "reachable",
        "since": "2026-02-27T04:12:00Z",
        "checked_at": "2026-03-01T10:00:02Z",
        "detail": None,
    },
    "outbox": {"waiting": 3, "oldest_seconds": 0.12},
    "groups": [
        {
            "consumer_group": "behaviour",
            "topic": "user-behavior",
            "partition": 0,
            "waiting": 12,
            "oldest_at": "2026-03-01T10:00:00Z",
            "measured_at": "2026-03-01T10:00:02Z",
        }
    ],
    "dead_letters": [{"consumer_group": "behaviour", "retrying": 0, "dead": 1}],
}
LETTER: dict[str, Any] = {
    "id": "0199a1b2-d000-7e5f-8a9b-0c1d2e3f4a5b",
    "consumer_group": "behaviour",
    "topic": "user-behavior",
    "event_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "key": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "type": "behaviour.counted",
    "at": "2026-03-01T10:00:00Z",
    "data": {"product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "minute": "2026-03-01T10:00:00Z", "views": -1},
    "raw": None,
    "status": "dead",
    "attempts": 6,
    "last_error": "Invalid: product_behaviour_hours_views_check",
    "next_attempt_at": None,
    "failed_at": "2026-03-01T10:00:01Z",
    "last_failed_at": "2026-03-01T10:02:36Z",
}
RETRIED: dict[str, Any] = {**LETTER, "status": "retrying", "next_attempt_at": "2026-03-01T12:00:00Z"}
REPLAY: dict[str, Any] = {"consumer_group": "behaviour", "from": "2026-03-01T10:00:00Z"}
ASKED: dict[str, Any] = {"consumer_group": "behaviour", "topic": "user-behavior", "from": "2026-03-01T10:00:00Z"}
EXAMPLES: dict[Any, Any] = {
    BusStatus: STATUS,
    DeadLetter: LETTER,
    EventReplayDraft: REPLAY,
    ReplayAsked: ASKED,
}
