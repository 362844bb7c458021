"""A service of its own for tests that call everything: they make and end what others would stumble over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.serve import Served, served


@pytest.fixture(scope="module")
def running(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url) as started:
        yield started


@pytest.fixture(scope="module")
def document(running: Served) -> dict[str, Any]:
    """The description that the service itself gives."""
    return dict(httpx.get(f"{running.url}/docs/openapi.json").json())
