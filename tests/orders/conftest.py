"""A market in the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.service import Service
from tests.orders.market import Market


@pytest.fixture
def market(checkout: httpx.Client, admin: httpx.Client, service: Service) -> Market:
    return Market(checkout, admin, service.database_url)
