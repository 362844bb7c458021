"""DuckDB in this process, through sqlframe: no server, bounded memory.

Source: docs/spec/market-analysis.md#engines.
"""

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame
from quote_service.intelligence.market_analysis.operations.engines.engine import ROWS_AT_ONCE, NotInstalled


class DuckDbEngine:
    """One connection to a database in memory that spills into a folder."""

    products_at_once: int = 1000

    def __init__(self, folder: Path, memory_mb: int, threads: int = 1) -> None:
        try:
            import duckdb
            from sqlframe.duckdb import DuckDBSession, Window
            from sqlframe.duckdb import functions as duckdb_functions
        except ImportError as missing:
            raise NotInstalled(f"{missing}; pip install 'quote-service[intelligence]'") from None
        self._connection = duckdb.connect(
            config={
                "memory_limit": f"{memory_mb}MB",
                "threads": threads,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        # Called, it would hand out the session of whoever came first in this process, and close it for all of them.
        self._session: Any = object.__new__(DuckDBSession)
        DuckDBSession.__init__(self._session, conn=self._connection)
        copy(self._session)  # sqlframe's functions ask the session that was copied last for its dialect
        self._statements: dict[str, str] = {}
        self._tables: dict[str, Frame] = {}
        self.api = Api(duckdb_functions, Window)

    def read(self, name: str, path: Path) -> Frame:
        """The rows of a Parquet file."""
        self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 (names of ours)
        return self._table(name)

    def step(self, name: str, make: Callable[[], Frame]) -> Frame:
        """Work a step out; sqlframe makes its SQL once, since the tables that it reads have the same names in every batch."""
        if name not in self._statements:
            self._statements[name] = make().sql(dialect="duckdb", optimize=False)
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {self._statements[name]}")
        return self._table(name)

    def rows(self, frame: Frame) -> Iterator[list[tuple[Any, ...]]]:
        """What a step came to."""
        found = self._connection.execute(frame.sql(dialect="duckdb", optimize=False))
        while rows := found.fetchmany(ROWS_AT_ONCE):
            yield rows

    def _table(self, name: str) -> Frame:
        if name not in self._tables:
            self._tables[name] = self._session.table(name)
        return self._tables[name]

    def fault(self) -> str:
        """None: it is in this process."""
        return ""

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()
