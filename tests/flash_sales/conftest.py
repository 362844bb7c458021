"""Flash sales against the running service."""

from __future__ import annotations

import httpx
import pytest

from tests.flash_sales.sales import Sales


@pytest.fixture(scope="session")
def sales(admin: httpx.Client, checkout: httpx.Client) -> Sales:
    return Sales(admin, checkout)
