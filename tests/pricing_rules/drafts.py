"""Pricing rules as requests, under names and in regions of their own."""

from __future__ import annotations

from typing import Any

import httpx

from quote_service.platform.system.new_ids import new_id

PATH = "/api/v1/pricing-rules"


def new_name(start: str = "rule") -> str:
    return f"{start}-{new_id()}"


def delivery(name: str | None = None, **fields: Any) -> dict[str, Any]:
    """A delivery fee for a place that no other test delivers to."""
    return {
        "name": name or new_name("delivery"),
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": 10},
        "currency": "TRY",
        "region": f"TR/{new_name('city')}",
        **fields,
    }


def tax(name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "name": name or new_name("tax"),
        "type": "TAX",
        "configuration": {"rate": 18},
        "region": f"TR/{new_name('city')}",
        **fields,
    }


def created(client: httpx.Client, draft: dict[str, Any]) -> dict[str, Any]:
    """The rule of a POST that works."""
    answer = client.post(PATH, json=draft)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def pointers(answer: httpx.Response) -> list[str]:
    """The pointers of a 422."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [fault["pointer"] for fault in answer.json()["errors"]]


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and the last part of the problem's type."""
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]
