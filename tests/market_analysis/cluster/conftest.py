"""A cluster of Spark for a module, with nothing of another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.market_analysis.cluster.spark_cluster import SparkCluster
from tests.market_analysis.conftest import NO_SPARK


@pytest.fixture(scope="module")
def cluster(server_folder: Path) -> Iterator[SparkCluster]:
    if NO_SPARK:
        pytest.skip(NO_SPARK)
    started = SparkCluster(server_folder / f"spark-{uuid4().hex[:8]}")
    try:
        started.start_master()
        started.start_worker()
        yield started
    finally:
        started.stop()
