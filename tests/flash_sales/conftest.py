"""Flash sales against the running service."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.conftest import MakeDatabase
from tests.flash_sales.sales import Sales

settings.register_profile(
    "long",
    max_examples=400,
    stateful_step_count=60,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def sales(admin: httpx.Client, checkout: httpx.Client) -> Sales:
    return Sales(admin, checkout)


@pytest.fixture
def own_database_url(new_database_url: MakeDatabase) -> str:
    """A database of the test's own: workers keep every sale there is, so one that is left over would be in the way."""
    return new_database_url()
