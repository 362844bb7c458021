"""The customers of the session's service."""

from __future__ import annotations

import httpx
import pytest

from tests.customers.people import People
from tests.fixtures.service import Service
from tests.flash_sales.sales import Sales
from tests.quotes.lifecycle.shop import Shop


@pytest.fixture(scope="session")
def people(service: Service, admin: httpx.Client) -> People:
    return People(admin, service.database_url)


@pytest.fixture
def shop(checkout: httpx.Client, admin: httpx.Client) -> Shop:
    return Shop(checkout, admin)


@pytest.fixture
def sales(checkout: httpx.Client, admin: httpx.Client) -> Sales:
    return Sales(admin, checkout)
