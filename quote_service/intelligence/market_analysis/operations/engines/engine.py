"""What runs transformations: opened for a run, closed after it.

Source: docs/spec/market-analysis.md#engines.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame

#: Rows that are handed over at once.
ROWS_AT_ONCE = 10_000
#: A cluster has so long for executors, the first or new ones.
EXECUTOR_SECONDS = 90.0


class Engine(Protocol):
    """DuckDB or Spark, as an analysis uses them."""

    api: Api

    @property
    def products_at_once(self) -> int:
        """How many products are worked out at once."""

    def read(self, name: str, path: Path) -> Frame:
        """The rows of a Parquet file, under the name of an input."""

    def step(self, name: str, make: Callable[[], Frame]) -> Frame:
        """Work a step out and keep it until the same step is worked out again, of the next batch."""

    def rows(self, frame: Frame) -> Iterator[list[tuple[Any, ...]]]:
        """What a step came to, some rows at a time."""

    def fault(self) -> str:
        """Why it works nothing out now; empty where it does."""

    def close(self) -> None:
        """Let go of everything it holds."""


class Patience:
    """How long an engine that works nothing out is waited for: a cluster may give other executors in place of those that are gone."""

    def __init__(self, seconds: float = EXECUTOR_SECONDS) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def is_over(self, fault: str, now: float) -> bool:
        """Whether there has been a fault at every look for so long; `now` is in seconds of any clock that goes on."""
        if not fault:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds


class EngineFailed(Exception):
    """An engine can work nothing out; says why."""


class NotInstalled(Exception):
    """An engine's packages, or Java, are not there."""
