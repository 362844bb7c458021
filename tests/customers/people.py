"""Calls of customers, and customers to put there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.catalog.shop import Shop

CUSTOMERS = "/api/v1/customers"


def a_customer(**fields: Any) -> dict[str, Any]:
    """Somebody with an address and a reference of their own."""
    name = uuid4().hex
    return {"external_ref": f"C-{name}", "email": f"{name}@example.com", "tier": "gold", "segments": ["vip"], **fields}


class People(Shop):
    """Customers over HTTP, and their database."""

    def customer(self, **fields: Any) -> dict[str, Any]:
        return self.made(CUSTOMERS, a_customer(**fields))


def place_of(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}"


def draft_of(customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What would write the customer as shown."""
    return {name: customer[name] for name in ("external_ref", "email", "tier", "segments", "is_active")} | fields
