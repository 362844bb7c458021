"""The customers of the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.customers.people import People
from tests.fixtures.service import Service


@pytest.fixture(scope="session")
def people(service: Service, admin: httpx.Client) -> People:
    return People(admin, service.database_url)
