"""The ledger of the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.fixtures.service import Service
from tests.ledger.till import Till


@pytest.fixture(scope="session")
def till(service: Service, admin: httpx.Client) -> Till:
    return Till(admin, service.database_url)
