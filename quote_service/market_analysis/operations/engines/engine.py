"""What runs transformations: opened for a run, closed after it.

Source: docs/spec/market-analysis.md#engines.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from quote_service.market_analysis.words.transformations.dataframes import Api, Frame

#: Rows that are handed over at once.
ROWS_AT_ONCE = 10_000


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

    def close(self) -> None:
        """Let go of everything it holds."""


class NotInstalled(Exception):
    """An engine's packages, or Java, are not there."""
