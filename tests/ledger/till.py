"""Calls of the ledger, and what is posted to it as orders would."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.model.transactions import Transaction
from tests.catalog.shop import Shop
from tests.ledger.books import an_order, post

LEDGER = "/api/v1/ledger"
ACCOUNTS = f"{LEDGER}/accounts"
ADJUSTMENTS = f"{LEDGER}/adjustments"


class Till(Shop):
    """The ledger over HTTP, and its database."""

    def post_all(self, *transactions: Transaction) -> None:
        """Each in a database transaction of its own."""

        async def work() -> None:
            database = await Database.open(self.database_url)
            for each in transactions:
                await post(database, each)
            await database.close()

        asyncio.run(work())

    def seller_with(self, balance_minor: int, *, currency: str = "TRY") -> UUID:
        """A seller to whom so much is owed."""
        seller_id = uuid4()
        self.post_all(an_order(seller_id, balance_minor, currency=currency))
        return seller_id

    def pay(self, seller_id: UUID, amount: Any, currency: str = "TRY", **headers: str) -> httpx.Response:
        body = {"amount": amount, "currency": currency, "reference": f"T-{uuid4().hex}"}
        return self.post(f"/api/v1/sellers/{seller_id}/payouts", body, **headers)

    def account(self, name: str, party_id: UUID, currency: str = "TRY") -> dict[str, Any]:
        """The one account of a party."""
        (found,) = self.listed(ACCOUNTS, account=name, party_id=str(party_id), currency=currency)
        return found

    def statement(self, seller_id: UUID, **query: Any) -> dict[str, Any]:
        """With its numbers exact."""
        answer = self.http.get(f"/api/v1/sellers/{seller_id}/statement", params={"currency": "TRY", **query})
        assert answer.status_code == 200, answer.text
        return dict(answer.json(parse_float=Decimal)["data"])
