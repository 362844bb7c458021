"""Apache Spark, in this process's JVM (`local[...]`) or on a cluster.

Source: docs/spec/market-analysis.md#engines.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame
from quote_service.intelligence.market_analysis.operations.engines.engine import (
    ROWS_AT_ONCE,
    EngineFailed,
    NotInstalled,
)

_LOOPBACK: Final = "127.0.0.1"


class SparkEngine:
    """A session; what it works out stays in its executors until the next batch."""

    products_at_once: int = 5_000

    def __init__(self, folder: Path, memory_mb: int, master: str, partitions: int) -> None:
        self._session: Any = open_session(folder, memory_mb, master, partitions)
        from pyspark.sql import Window
        from pyspark.sql import functions as spark_functions

        self._kept: dict[str, Frame] = {}
        self.api = Api(spark_functions, Window)

    def read(self, name: str, path: Path) -> Frame:
        """The rows of a Parquet file; a cluster needs to see the folder that it lies in."""
        del name
        return self._session.read.parquet(path.as_uri())

    def step(self, name: str, make: Callable[[], Frame]) -> Frame:
        """Plan a step; Spark works it out when rows are asked for, and keeps it then."""
        if name in self._kept:
            self._kept[name].unpersist()
        self._kept[name] = make().persist()
        return self._kept[name]

    def rows(self, frame: Frame) -> Iterator[list[tuple[Any, ...]]]:
        """What a step came to, partition by partition."""
        found = frame.toLocalIterator()
        while rows := [tuple(row) for row in islice(found, ROWS_AT_ONCE)]:
            yield rows

    def fault(self) -> str:
        """As `fault_of`."""
        return fault_of(self._session)

    def close(self) -> None:
        """Stop the session, and with it the JVM's work."""
        self._session.stop()


def open_session(folder: Path, memory_mb: int, master: str, partitions: int, packages: str = "") -> Any:
    """A session of Spark, as `session_options` says.

    Raises:
        NotInstalled: pyspark or Java is missing.
        EngineFailed: Spark does not start: its master cannot be reached, say.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise NotInstalled(f"{missing}; pip install 'quote-service[spark]'") from None
    java = Path(os.environ.get("JAVA_HOME", "")) / "bin/java"
    if shutil.which("java") is None and not java.is_file():
        raise NotInstalled("Spark needs Java 17 or newer; set JAVA_HOME")
    # Its own processes in Python are to be of the Python that runs this.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # And what this imports, they do: the plain sources or the compiled ones, wherever they are started.
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, sys.path)))
    builder: Any = SparkSession.builder.master(master).appName("quote-service market analysis")
    for name, value in session_options(folder, memory_mb, master, partitions, packages).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as failure:
        raise EngineFailed(f"Spark does not start: {reason_of(failure)}") from failure


def reason_of(failure: Exception) -> str:
    """What Spark says first, without the pages behind it."""
    lines = str(failure).strip().splitlines()
    # Of what the bridge tells of Java the first line names a call, and the second the exception.
    reported = [line.lstrip(": ") for line in lines if not line.startswith("An error occurred while calling")]
    return reported[0] if reported else type(failure).__name__


def fault_of(session: Any) -> str:
    """Why a session can work nothing out now: its master has let it go, or gives it no executor; empty where it can, or need not."""
    context = session.sparkContext._jsc.sc()
    if context.isStopped():
        return "Spark's master has ended the session, or cannot be reached"
    if context.isLocal() or not len(context.statusTracker().getActiveJobIds()):
        return ""
    # The driver is counted among them.
    return "" if context.getExecutorMemoryStatus().size() > 1 else "Spark's master gives no executor"


def session_options(folder: Path, memory_mb: int, master: str, partitions: int, packages: str = "") -> dict[str, str]:
    """What a session is told besides its master.

    Args:
        folder: What it spills is kept there.
        memory_mb: Heap of the driver.
        master: `local[...]`, or a cluster's.
        partitions: Parts of what is grouped and joined, which are handed over one by one: the 200 that Spark makes unless told
            are as many rounds of a small analysis. A stream keeps those that it began with.
        packages: Coordinates of what it fetches besides.
    """
    options = {
        "spark.driver.memory": f"{memory_mb}m",
        "spark.ui.enabled": "false",
        "spark.local.dir": str(folder / "spark"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": str(partitions),
        # Days are numbers of one calendar and instants are microseconds: no time zone of Spark has a say in them.
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
        # Of the lowest priority its own processes may be slow to start.
        "spark.python.authenticate.socketTimeout": "300s",
    }
    if packages:
        options["spark.jars.packages"] = packages
    if _is_on_this_machine(master):
        options |= {"spark.driver.bindAddress": _LOOPBACK, "spark.driver.host": _LOOPBACK}
    return options


def _is_on_this_machine(master: str) -> bool:
    """Whether nobody from outside has to reach the driver."""
    if master.startswith("local"):
        return True
    hosts = [address.rpartition(":")[0] for address in master.removeprefix("spark://").split(",")]
    return all(host == "localhost" or host.startswith("127.") for host in hosts)
