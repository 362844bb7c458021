"""Ways to the provider and back, as a browser goes them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import httpx

from tests.access.running import RunningService
from tests.fixtures.identity_provider import IdentityProvider
from tests.web.signing_in import Visitor


def somebody(*groups: str, **claims: Any) -> dict[str, Any]:
    subject = uuid4().hex
    return {"sub": subject, "email": f"{subject}@example.com", "email_verified": True, "groups": [*groups], **claims}


def walk(
    visitor: Visitor, at: IdentityProvider, person: dict[str, Any], wanted: str = "/admin/rules"
) -> httpx.Response:
    """To the provider, where this person allows it, and back."""
    at.person = person
    led = visitor.http.get("/sign-in/provider", params={"next": wanted})
    assert led.status_code == 303, led.text
    return come_back(visitor, led.headers["location"])


def come_back(visitor: Visitor, url: str) -> httpx.Response:
    page = httpx.get(url)
    assert page.status_code == 200, page.text
    back = re.search(r'href="([^"]+)"', page.text)
    assert back is not None
    return visitor.http.get(unescape(back[1]))


def is_in(visitor: Visitor) -> bool:
    return visitor.http.get("/account").status_code == 200


def me(service: RunningService, subject: str) -> dict[str, Any]:
    (row,) = service.rows(
        "SELECT u.id::text, u.email, u.role, u.password_hash FROM users u JOIN identities i ON i.user_id = u.id"
        " WHERE i.subject = $1",
        subject,
    )
    return row


def identity_in(visitor: Visitor) -> str:
    found = re.search(r"/account/identities/([0-9a-f-]{36})/end", visitor.see("/account"))
    assert found is not None
    return found[1]
