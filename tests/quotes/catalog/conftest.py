"""A store whose products are quoted, in the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.service import Service
from tests.quotes.catalog.store import Store


@pytest.fixture
def store(service: Service, admin: httpx.Client, checkout: httpx.Client) -> Store:
    return Store(admin, service.database_url, checkout)
