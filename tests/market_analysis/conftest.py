"""One session of Apache Spark for all tests of the market analysis that need one: a JVM takes its while to start."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from quote_service.platform.settings import Settings
from tests.event_bus.conftest import broker  # noqa: F401 (a fixture)

NO_SPARK = (
    "Apache Spark is not installed; `make test-spark` installs it and runs this"
    if find_spec("pyspark") is None
    else "Apache Spark needs Java 17"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME")
    else ""
)


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The session, on two threads of this process's JVM."""
    if NO_SPARK:
        pytest.skip(NO_SPARK)
    from quote_service.intelligence.market_analysis.operations.engines.spark_engine import open_session

    folder, master = tmp_path_factory.mktemp("spark"), os.environ.get("SPARK_MASTER", "local[2]")
    session = open_session(folder, 1024, master, Settings().spark_partitions)
    yield session
    session.stop()
