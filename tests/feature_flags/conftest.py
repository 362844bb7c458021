"""A client that makes flags of its own, and callers with one role or one scope."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

FLAGS = "/api/v1/feature-flags"
PASSWORD = "correct horse battery staple"
PATIENCE_SECONDS = 120.0


def new_key() -> str:
    """A key that no other test has."""
    return f"test-{secrets.token_hex(8)}"


def flag(**members: Any) -> dict[str, Any]:
    """A flag with a key of its own, BOOLEAN and on unless said otherwise."""
    return {"key": new_key(), "type": "BOOLEAN", "value": True, "is_enabled": True, **members}


def created(client: httpx.Client, **members: Any) -> dict[str, Any]:
    """The data of a flag that was made."""
    answer = client.post(FLAGS, json=flag(**members))
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


def draft_of(data: dict[str, Any], **members: Any) -> dict[str, Any]:
    """What to send in order to replace a flag."""
    written = ("created_by", "created_at", "updated_by", "updated_at", "changed_by", "changed_at")
    kept = ("id", "version", "is_archived", "status", "state", "rollback", *written)
    return {**{name: value for name, value in data.items() if name not in kept}, **members}


def faults(answer: httpx.Response) -> dict[str, str]:
    """The details of a 422 by pointer."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def post_text(client: httpx.Client, path: str, body: str) -> httpx.Response:
    """Post JSON as it is written, its numbers too."""
    return client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})


def eventually_asked(client: httpx.Client, key: str, version: int = 1, **members: Any) -> dict[str, Any]:
    """What a flag says once the service holds this version of it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = client.post(f"{FLAGS}/{key}/evaluate", json=members)
        if answer.status_code == 200 and answer.json()["data"]["version"] >= version:
            data = dict(answer.json()["data"])
            assert data["version"] == version
            return data
        assert answer.status_code in (200, 404), answer.text
        assert time.monotonic() < deadline, f"{key} is not at version {version}"
        time.sleep(0.005)


@pytest.fixture
def caller_with_role(service: Any, admin: httpx.Client) -> Callable[[str], dict[str, str]]:
    """Headers of a new person of a role."""

    def make(role: str) -> dict[str, str]:
        email = f"{role}-{secrets.token_hex(8)}@example.com"
        answer = admin.post("/api/v1/users", json={"email": email, "password": PASSWORD, "role": role})
        assert answer.status_code == 201, answer.text
        session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        assert session.status_code == 200, session.text
        return {"Authorization": f"Bearer {session.json()['data']['access_token']}"}

    return make


@pytest.fixture
def caller_with_scope(admin: httpx.Client) -> Callable[[str], dict[str, str]]:
    """Headers of a new API key with one scope."""

    def make(scope: str) -> dict[str, str]:
        answer = admin.post("/api/v1/api-keys", json={"name": "test", "scopes": [scope], "rate_limit": None})
        assert answer.status_code == 201, answer.text
        return {"X-API-Key": answer.json()["data"]["key"]}

    return make
