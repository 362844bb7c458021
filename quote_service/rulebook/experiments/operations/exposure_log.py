"""What this process has seen of experiments since it last wrote it down: who was shown which arm, and what came of it.

A quote asks it only while a flag is watched. A customer is noted once for all flags, in lists of texts and numbers: with eight flags
and a thousand new customers a second, an object for each would be most of what such quotes cost. It keeps a bounded number of
customers: of those whom it has forgotten it tells again, and PostgreSQL counts each of them once.

Source: docs/spec/experiments.md#exposures.
"""

from typing import Final

from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.watched_flag import Epoch, WatchedFlag
from quote_service.rulebook.experiments.model.observations import ONE, Exposures, Outcome, Outcomes, arms_in, code_of

_NANO_TO_MILLI_MICRO: Final = 1_000_000_000  # from seconds to millionths of a millisecond
_CODES_MAX: Final = 10_000
_SEEN_MAX: Final = 100_000
_WAITING_MAX: Final = 100_000


class ExposureLog:
    """`dropped` counts what found no room while PostgreSQL was unavailable; `exposed` the exposures that were noted."""

    __slots__ = (
        "_before",
        "_codes",
        "_outcomes",
        "_outcomes_count",
        "_seen",
        "_sizes",
        "_slow_seconds",
        "_waiting",
        "_waiting_size",
        "_watched",
        "dropped",
        "exposed",
    )

    def __init__(self, slow_seconds: float = 1.0) -> None:
        """`slow_seconds`: from when on a quote is `slow`."""
        self._slow_seconds = slow_seconds
        self._watched: tuple[WatchedFlag, ...] = ()
        self._codes: dict[tuple[str | None, ...], str] = {}
        self._sizes: dict[str, int] = {}  # how many arms a code names
        self._seen: dict[str, str] = {}  # the code that was noted last, by customer
        self._waiting = Exposures(())
        self._waiting_size = 0
        self._before: list[Exposures] = []  # what waits of flags as they were, or could not be written
        self._outcomes: Outcomes = {}
        self._outcomes_count = 0
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
        arms = tuple([flag.arm_of(subject) for flag in watched])
        code = self._codes.get(arms)
        if code is None:
            code = self._code(arms)
        if not code:
            return None
        if self._seen.get(customer_id) != code:
            self._note(customer_id, code, at_us)
        return customer_id

    def answered(self, customer_id: str, seconds: float, at_us: int) -> None:
        """A quote of somebody who is exposed was answered in so many seconds."""
        self.observe(customer_id, "latency_ms", int(seconds * _NANO_TO_MILLI_MICRO), at_us)
        if seconds > self._slow_seconds:
            self.observe(customer_id, "slow", ONE, at_us)

    def observe(self, customer_id: str, metric: str, value: int, at_us: int) -> None:
        """Note an outcome of somebody who is exposed; `value` in millionths."""
        outcomes = self._outcomes.get(metric)
        if outcomes is None:
            outcomes = self._outcomes[metric] = {}
        outcome = outcomes.get(customer_id)
        if outcome is None:
            if self._outcomes_count >= _WAITING_MAX:
                self.dropped += 1
                return
            self._outcomes_count += 1
            outcome = outcomes[customer_id] = Outcome(at_us)
        outcome.observations += 1
        outcome.total += value

    def take(self) -> tuple[list[Exposures], Outcomes]:
        """What is to be written down; it is not kept here any more."""
        exposures, outcomes = self._take_exposures(), self._outcomes
        self._outcomes, self._outcomes_count = {}, 0
        return exposures, outcomes

    def put_back(self, exposures: list[Exposures], outcomes: Outcomes) -> None:
        """Keep what could not be written, as far as there is room."""
        for exposed in [*exposures, *self._take_exposures()]:
            self._keep(exposed)
        since, self._outcomes = self._outcomes, outcomes
        self._outcomes_count = sum([len(customers) for customers in outcomes.values()])
        for metric, customers in since.items():
            for customer_id, outcome in customers.items():
                self._add(metric, customer_id, outcome)

    def _add(self, metric: str, customer_id: str, later: Outcome) -> None:
        """Add what came of a customer since what is held; of one who is not held yet it is as it is."""
        outcomes = self._outcomes.setdefault(metric, {})
        outcome = outcomes.get(customer_id)
        if outcome is not None:
            outcome.observations += later.observations
            outcome.total += later.total
        elif self._outcomes_count < _WAITING_MAX:
            self._outcomes_count += 1
            outcomes[customer_id] = later
        else:
            self.dropped += 1

    def _keep(self, exposed: Exposures) -> None:
        """Keep what waits again. While PostgreSQL is unavailable all of the same flags comes together, or each try would leave a list."""
        before = self._before
        if not before or _epochs(before[-1].flags) != _epochs(exposed.flags):
            before.append(Exposures(exposed.flags))
        last = before[-1]
        others = self._waiting_size - last.size
        self.dropped += last.follow(exposed, _WAITING_MAX - others)
        self._waiting_size = others + last.size

    def _take_exposures(self) -> list[Exposures]:
        exposures = [*self._before, *([self._waiting] if self._waiting.size else [])]
        self._before, self._waiting, self._waiting_size = [], Exposures(self._watched), 0
        return exposures

    def _follow(self, watched: tuple[WatchedFlag, ...]) -> None:
        """Go over to other flags; whom it has seen stays, if they are what they were."""
        if _epochs(watched) != _epochs(self._watched):
            self._seen.clear()
            self._codes.clear()
            self._sizes.clear()
            if self._waiting.size:
                self._before.append(self._waiting)
            self._waiting = Exposures(watched)
        self._watched = watched

    def _code(self, arms: tuple[str | None, ...]) -> str:
        if len(self._codes) >= _CODES_MAX:
            self._codes.clear()
            self._sizes.clear()
        code = self._codes[arms] = code_of(self._watched, arms)
        self._sizes[code] = arms_in(code)
        return code

    def _note(self, customer_id: str, code: str, at_us: int) -> None:
        size = self._sizes[code]
        if self._waiting_size + size > _WAITING_MAX:
            self.dropped += size
            return
        self._waiting_size += size
        if len(self._seen) >= _SEEN_MAX:
            self._seen.clear()
        self._seen[customer_id] = code
        self._waiting.add(customer_id, code, size, at_us)
        self.exposed += size


def _epochs(watched: tuple[WatchedFlag, ...]) -> list[Epoch]:
    return [flag.epoch for flag in watched]
