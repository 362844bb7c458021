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

from quote_service.market_analysis.operations.engines.engine import ROWS_AT_ONCE, NotInstalled
from quote_service.market_analysis.words.transformations.dataframes import Api, Frame

#: Of a JVM of this process: parts of a few megabytes are not worth more of them.
_LOCAL_PARTITIONS: Final = "4"


class SparkEngine:
    """A session; what it works out stays in its executors until the next batch."""

    products_at_once: int = 5_000

    def __init__(self, folder: Path, memory_mb: int, master: str) -> None:
        self._session: Any = open_session(folder, memory_mb, master)
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

    def close(self) -> None:
        """Stop the session, and with it the JVM's work."""
        self._session.stop()


def open_session(folder: Path, memory_mb: int, master: str, packages: str = "") -> Any:
    """A session of Spark that keeps what it spills in `folder`, and fetches packages by their coordinates.

    Raises:
        NotInstalled: pyspark or Java is missing.
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
    is_local = master.startswith("local")
    builder = (
        SparkSession.builder.master(master)
        .appName("quote-service market analysis")
        .config("spark.driver.memory", f"{memory_mb}m")
        .config("spark.ui.enabled", "false")
        .config("spark.local.dir", str(folder / "spark"))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        # Days are numbers of one calendar and instants are microseconds: no time zone of Spark has a say in them.
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.log.level", "ERROR")
        .config("spark.ui.showConsoleProgress", "false")
        # Of the lowest priority its own processes may be slow to start.
        .config("spark.python.authenticate.socketTimeout", "300s")
    )
    if packages:
        builder = builder.config("spark.jars.packages", packages)
    if is_local:
        builder = (
            builder.config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", _LOCAL_PARTITIONS)
        )
    return builder.getOrCreate()
