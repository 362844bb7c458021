"""Refunds at the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.fixtures.service import Service
from tests.orders.refunds.counter import RefundCounter


@pytest.fixture(scope="session")
def counter(service: Service, admin: httpx.Client) -> RefundCounter:
    return RefundCounter(admin, service.database_url)
