"""What this process has seen of experiments since it last wrote it down: who was shown which arm, and what came of it.

A quote asks it only while a flag is watched. It keeps a bounded number of customers: of those whom it has forgotten it tells
again, and PostgreSQL counts each of them once.

Source: docs/spec/experiments.md#exposures.
"""

from typing import Final

from quote_service.experiments.words.observations import ONE, Exposure, Outcome
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.watched_flag import WatchedFlag

_NANO_TO_MILLI_MICRO: Final = 1_000_000_000  # from seconds to millionths of a millisecond
_SEEN_MAX: Final = 100_000
_WAITING_MAX: Final = 100_000


class ExposureLog:
    """`dropped` counts what found no room while PostgreSQL was away; `exposed` the exposures that were noted."""

    __slots__ = ("_exposures", "_outcomes", "_seen", "_seen_count", "_slow_seconds", "_watched", "dropped", "exposed")

    def __init__(self, slow_seconds: float = 1.0) -> None:
        """`slow_seconds`: from when on a quote is `slow`."""
        self._slow_seconds = slow_seconds
        self._watched: tuple[WatchedFlag, ...] = ()
        self._seen: list[set[str]] = []
        self._seen_count = 0
        self._exposures: list[Exposure] = []
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self.dropped = self.exposed = 0

    def expose(self, watched: tuple[WatchedFlag, ...], subject: Subject, at_us: int) -> str | None:
        """Note which arms of the watched flags a customer is in.

        Returns:
            The customer's id, if there is any such arm: what comes of the quote is of interest then.
        """
        customer_id = subject.customer_id
        if customer_id is None:
            return None
        if watched is not self._watched:
            self._follow(watched)
        is_exposed = False
        for index, flag in enumerate(watched):
            arm = flag.arm_of(subject)
            if arm is None:
                continue
            is_exposed = True
            if customer_id not in self._seen[index]:
                self._note(index, Exposure(flag, customer_id, arm, at_us))
        return customer_id if is_exposed else None

    def answered(self, customer_id: str, seconds: float, at_us: int) -> None:
        """A quote of somebody who is exposed was answered in so many seconds."""
        self.observe(customer_id, "latency_ms", int(seconds * _NANO_TO_MILLI_MICRO), at_us)
        if seconds > self._slow_seconds:
            self.observe(customer_id, "slow", ONE, at_us)

    def observe(self, customer_id: str, metric: str, value: int, at_us: int) -> None:
        """Note an outcome of somebody who is exposed; `value` in millionths."""
        key = (customer_id, metric)
        outcome = self._outcomes.get(key)
        if outcome is None:
            if len(self._outcomes) >= _WAITING_MAX:
                self.dropped += 1
                return
            outcome = self._outcomes[key] = Outcome(customer_id, metric, at_us)
        outcome.observations += 1
        outcome.total += value

    def take(self) -> tuple[list[Exposure], list[Outcome]]:
        """What is to be written down; it is not kept here any more."""
        taken = self._exposures, list(self._outcomes.values())
        self._exposures, self._outcomes = [], {}
        return taken

    def put_back(self, exposures: list[Exposure], outcomes: list[Outcome]) -> None:
        """Keep what could not be written, as far as there is room."""
        later, self._exposures = self._exposures, exposures
        room = max(0, _WAITING_MAX - len(exposures))
        self._exposures += later[:room]
        self.dropped += len(later[room:])
        for outcome in outcomes:
            key = (outcome.customer_id, outcome.metric)
            since = self._outcomes.get(key)
            if since is not None:
                outcome.observations += since.observations
                outcome.total += since.total
            elif len(self._outcomes) >= _WAITING_MAX:
                self.dropped += 1
                continue
            self._outcomes[key] = outcome

    def _follow(self, watched: tuple[WatchedFlag, ...]) -> None:
        """Go over to other flags, with whom has been seen of those that stay what they were."""
        held = {flag.epoch: seen for flag, seen in zip(self._watched, self._seen, strict=True)}
        self._seen = [held.get(flag.epoch, set()) for flag in watched]
        self._seen_count = sum([len(seen) for seen in self._seen])
        self._watched = watched

    def _note(self, index: int, exposure: Exposure) -> None:
        if len(self._exposures) >= _WAITING_MAX:
            self.dropped += 1
            return
        if self._seen_count >= _SEEN_MAX:
            for seen in self._seen:
                seen.clear()
            self._seen_count = 0
        self._seen[index].add(exposure.customer_id)
        self._seen_count += 1
        self._exposures.append(exposure)
        self.exposed += 1
