"""The catalog of the session's service."""

from __future__ import annotations

import secrets

import httpx
import pytest

from tests.catalog.shop import Shop
from tests.fixtures.service import Service


@pytest.fixture(scope="session")
def shop(service: Service, admin: httpx.Client) -> Shop:
    return Shop(admin, service.database_url)


@pytest.fixture(scope="session")
def shopper(admin: httpx.Client, anonymous: httpx.Client) -> dict[str, str]:
    """Headers of a person with the role `user`."""
    draft = {"email": f"{secrets.token_hex(8)}@example.com", "password": "correct horse battery", "role": "user"}
    made = admin.post("/api/v1/users", json=draft)
    assert made.status_code == 201, made.text
    answer = anonymous.post("/api/v1/auth/login", json={"email": draft["email"], "password": draft["password"]})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}
