"""What a process notes of experiments while it answers quotes.

Source: docs/spec/experiments.md#exposures.
"""

from typing import Final

from quote_service.pricing.flags.watched_flag import WatchedFlag

#: Values are whole millionths of the metric's unit; of an event that has no value they are 1.
ONE: Final = 1_000_000


class Exposure:
    """A customer's first evaluation of a flag's version, as far as this process knows."""

    __slots__ = ("arm", "at_us", "customer_id", "flag")

    def __init__(self, flag: WatchedFlag, customer_id: str, arm: str, at_us: int) -> None:
        self.flag = flag
        self.customer_id = customer_id
        self.arm = arm
        self.at_us = at_us


class Outcome:
    """What came of one customer in one metric: how often something was recorded, its sum, and when it began."""

    __slots__ = ("at_us", "customer_id", "metric", "observations", "total")

    def __init__(self, customer_id: str, metric: str, at_us: int) -> None:
        self.customer_id = customer_id
        self.metric = metric
        self.at_us = at_us
        self.observations = 0
        self.total = 0
