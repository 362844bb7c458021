"""A store with something to sell, and people who buy there as a browser without scripts would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.access.running import PATIENCE_SECONDS, Person, RunningService, until
from tests.web.signing_in import Visitor

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_KEY = re.compile(r'name="key" value="([^"]+)"')
FLAG = {"key": "store_page", "name": "Store", "type": "BOOLEAN", "value": True, "is_enabled": True}
CITY = {"country": "TR", "city": "Istanbul"}


@dataclass
class Store:
    """What is sold: tea at 95, coffee at 240 with 10 units, a shoe in two sizes; delivery costs 30 and nothing from 300."""

    service: RunningService
    tea: str
    coffee: str
    shoe: str
    sizes: dict[str, str]

    def admin(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What an admin does, and the data of the answer."""
        answer = self.service.http.request(
            method, f"/api/v1/{path}", json=body, headers={**self.service.as_role("admin"), **headers}
        )
        assert answer.status_code < 300, answer.text
        return answer.json()["data"]

    def sale(self, units: int = 3, limit: int = 1, *, product: str = "", **fields: Any) -> str:
        """A flash sale of tea at 49, which runs when this returns."""
        item = {
            "product_id": product or self.tea,
            "sale_price": 49,
            "list_price": 95,
            "currency": "TRY",
            "allocated_stock": units,
            "per_customer_limit": limit,
        }
        now = datetime.now(UTC)
        draft = {
            "name": "Tea for a while",
            "starts_at": (now + timedelta(hours=1)).isoformat(),
            "ends_at": (now + timedelta(hours=20)).isoformat(),
            "items": [item],
            **fields,
        }
        sale_id = str(self.admin("POST", "flash-sales", draft)["id"])
        self.admin("POST", f"flash-sales/{sale_id}/activate")
        return sale_id

    def end(self, sale_id: str) -> None:
        self.admin("POST", f"flash-sales/{sale_id}/end")

    def guest(self) -> Buyer:
        return Buyer(self.service)

    def shopper(self) -> Buyer:
        """Somebody who has signed in."""
        person = self.service.new_person("user")
        buyer = Buyer(self.service, person)
        assert buyer.sign_in(person, wanted="/store").headers["location"] == "/store"
        return buyer


class Buyer(Visitor):
    """A browser at the store."""

    def __init__(self, service: RunningService, person: Person | None = None) -> None:
        super().__init__(service)
        self.http = httpx.Client(base_url=service.url, timeout=PATIENCE_SECONDS)
        self.person = person

    def submit(self, path: str, seen: str = "/store/basket", **fields: Any) -> httpx.Response:
        """A form of a page of the store."""
        found = _CSRF.search(self.see(seen))
        assert found is not None, seen
        return self.http.post(path, data={"csrf": found[1], **fields})

    def add(self, product: str, quantity: int = 1, **fields: Any) -> None:
        added = self.submit("/store/basket/lines", "/store", product_id=product, quantity=quantity, **fields)
        assert (added.status_code, added.headers["location"]) == (303, "/store/basket"), added.text

    def buy(self, sale_id: str, product: str, price: str = "49", quantity: str = "1") -> httpx.Response:
        """Buy in a sale as its page says."""
        page = self.see(f"/store/sales/{sale_id}")
        key = _KEY.search(page)
        fields = {"product_id": product, "expected_price": price, "quantity": quantity}
        if key is not None:
            fields["key"] = key[1]
        return self.submit(f"/store/sales/{sale_id}/buy", f"/store/sales/{sale_id}", **fields)


def opened_store(service: RunningService, **flag: Any) -> Store:
    """The store of a service, whose flag and products count when this returns."""
    headers = service.as_role("admin")

    def make(path: str, body: Any) -> Any:
        answer = service.http.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    make("feature-flags", {**FLAG, **flag})
    where = {"currency": "TRY", "region": "TR"}
    make("pricing-rules", {"name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 30}, **where})
    make("pricing-rules", {"name": "free", "type": "FREE_DELIVERY", "configuration": {"min_subtotal": 300}, **where})
    breaks = [{"min_quantity": 3, "adjustment": {"percent": -10}}]
    quantity = {"name": "three", "type": "QUANTITY_PRICE", "configuration": {"breaks": breaks}}
    make("pricing-rules", {**quantity, "conditions": {"tags_any": ["tea"]}})
    seller, category = make("sellers", {"name": "Kaya"})["id"], make("categories", {"name": "Pantry"})["id"]

    def product(sku: str, name: str, price: int, **fields: Any) -> Any:
        prices = [{"currency": "TRY", "base_price": price, **fields.pop("price", {})}]
        draft = {"sku": sku, "name": name, "seller_id": seller, "category_id": category, "prices": prices, **fields}
        return make("products", draft)

    tea = product("TEA", "Black tea", 95, tags=["tea"], description="Whole leaves")["id"]
    coffee = product("COFFEE", "Filter coffee", 240)["id"]
    shoe = product(
        "SHOE",
        "Running shoe",
        1200,
        variants=[
            {"sku": "SHOE-42", "name": "Size 42"},
            {"sku": "SHOE-47", "name": "Size 47", "prices": [{"currency": "TRY", "base_price": 1300}]},
        ],
    )
    stocked = service.http.put(f"/api/v1/inventory/{coffee}", json={"quantity": 10}, headers=headers)
    assert stocked.status_code == 200, stocked.text
    sizes = {each["name"]: each["id"] for each in shoe["variants"]}
    store = Store(service, tea, coffee, shoe["id"], sizes)
    guest = store.guest()
    until(lambda: flag.get("is_enabled") is False or is_open(guest, shoe["name"]), "the store is open")
    return store


def is_open(guest: Buyer, last: str) -> bool:
    """Whether the store is shown, with its last product at a price."""
    answer = guest.http.get("/store")
    return answer.status_code == 200 and "1,200.00" in answer.text and last in answer.text
