"""What is counted of the bus in a process.

Source: docs/spec/event-bus.md#figures.
"""

from typing import Literal

from quote_service.platform.event_bus.model.events import TOPICS, Topic
from quote_service.platform.event_bus.model.groups import GROUPS
from quote_service.platform.telemetry.registry import Counter, Registry

#: What became of an event: done, done before, too old, put aside, put aside for good.
Outcome = Literal["handled", "repeated", "expired", "failed", "dead"]
_OUTCOMES: tuple[Outcome, ...] = ("handled", "repeated", "expired", "failed", "dead")


class BusMeters:
    """The counters, by topic and by group."""

    def __init__(self, registry: Registry) -> None:
        published, consumed = "Events that were published", "Events that a group has read, by what became of them"
        self._published = {
            topic: registry.counter("quote_events_published_total", published, {"topic": topic}) for topic in TOPICS
        }
        self._consumed: dict[tuple[str, Outcome], Counter] = {
            (group, outcome): registry.counter(
                "quote_events_consumed_total", consumed, {"group": group, "outcome": outcome}
            )
            for group in GROUPS
            for outcome in _OUTCOMES
        }
        dropped = "Events that were given up in the outbox because they were too old or too many"
        self.dropped = registry.counter("quote_event_outbox_dropped_total", dropped)

    def note_published(self, topic: Topic) -> None:
        """An event is on the bus."""
        self._published[topic].add()

    def note_consumed(self, group: str, outcome: Outcome, count: int = 1) -> None:
        """Events were read; a group that is not named in GROUPS is not counted."""
        counter = self._consumed.get((group, outcome))
        if counter is not None and count:
            counter.add(count)
