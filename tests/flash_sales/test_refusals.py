"""One table of cases, decided by Redis and by PostgreSQL: the same answer to the same request, to the word.

Source: docs/spec/flash-sales.md#order-of-checks.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from quote_service.platform.money.numbers import ExactNumber, read_number
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft
from quote_service.selling.flash_sales.model.refusals import UnknownVerdict, Verdict
from quote_service.selling.flash_sales.operations.buying import buy as buying
from quote_service.selling.flash_sales.operations.buying.admit_directly import admit_directly
from quote_service.selling.flash_sales.operations.buying.buy import buy
from quote_service.selling.flash_sales.tables import library
from quote_service.selling.flash_sales.tables.gate import GateAsk
from tests.flash_sales.quiet_shop import PRICE, QuietShop, quiet_shop
from tests.flash_sales.test_known_bugs import change_function

ALLOCATED, LIMIT = 5, 3


@dataclass
class Buyer:
    """Asks one way, Redis or PostgreSQL, and says what came of it in words."""

    shop: QuietShop
    by_postgres: bool
    customer: UUID = field(default_factory=uuid4)

    async def ask_of(self, key: str, quantity: int, price: ExactNumber, customer: UUID | None = None) -> GateAsk:
        draft = PurchaseDraft(product_id=self.shop.sale.items[0].product_id, quantity=quantity, expected_price=price)
        item = await self.shop.item()
        return buying._ask_of(item, customer or self.customer, draft, key, now_us() // 1000)

    async def asks(
        self, key: str, quantity: int = 1, price: ExactNumber = PRICE, customer: UUID | None = None
    ) -> dict[str, Any] | str:
        """`bought`, `bought before`, or the refusal with all that it tells."""
        try:
            if self.by_postgres:
                ask = await self.ask_of(key, quantity, price, customer)
                return "bought before" if await admit_directly(self.shop.database, ask) else "bought"
            product = self.shop.sale.items[0].product_id
            draft = PurchaseDraft(product_id=product, quantity=quantity, expected_price=price)
            bought = await buy(
                self.shop.runtime, self.shop.sale.id, customer or self.customer, draft, key, now_us() // 1000
            )
        except QuoteServiceError as refusal:
            return {"code": refusal.code, "detail": refusal.detail, **refusal.members}
        return "bought before" if bought.is_replayed else "bought"

    async def item_becomes(self, change: str) -> None:
        """The sale's item becomes another, and everybody knows."""
        async with self.shop.database.transaction() as connection:
            await connection.execute(
                f"UPDATE flash_sale_items SET {change}, revision = revision + 1 WHERE sale_id = $1", self.shop.sale.id
            )
        await self.shop.follow()

    async def moves(self, starts: str, ends: str) -> None:
        """The sale's period becomes another, and everybody knows."""
        async with self.shop.database.transaction() as connection:
            await connection.execute(
                f"UPDATE flash_sales SET starts_at = now() + interval '{starts}', ends_at = now() + interval '{ends}',"
                " is_started_by_hand = false WHERE id = $1",
                self.shop.sale.id,
            )
            await connection.execute(
                "UPDATE flash_sale_items SET revision = revision + 1 WHERE sale_id = $1", self.shop.sale.id
            )
        await self.shop.follow()


Case = Callable[[Buyer], Awaitable[Any]]
CASES: dict[str, tuple[Case, Any]] = {}


def case(reported: Any) -> Callable[[Case], Case]:
    def note(arrange: Case) -> Case:
        CASES[arrange.__name__] = (arrange, reported)
        return arrange

    return note


REUSED = {
    "code": "idempotency-key-reused",
    "detail": "This key was used with a different request; use a new key for a new request",
}
LIMITED = {
    "code": "limit-reached",
    "detail": f"Each customer can buy at most {LIMIT} units",
    "per_customer_limit": LIMIT,
}


@case("bought")
async def there_is_stock(buyer: Buyer) -> Any:
    return await buyer.asks("k", LIMIT)


@case(["bought", "bought before"])
async def the_same_again(buyer: Buyer) -> Any:
    return [await buyer.asks("k", 2) for _ in range(2)]


@case(["bought", "bought"])
async def the_key_of_another_customer(buyer: Buyer) -> Any:
    return [await buyer.asks("k", 2, customer=customer) for customer in (uuid4(), uuid4())]


@case(["bought", REUSED])
async def the_same_key_for_more(buyer: Buyer) -> Any:
    return [await buyer.asks("k", quantity) for quantity in (1, 2)]


@case(["bought", REUSED, "bought before"])
async def a_key_that_looks_like_another_request(buyer: Buyer) -> Any:
    other = (await buyer.ask_of("", 2, PRICE)).fingerprint
    key = f"a|{other}|b"
    return [await buyer.asks(key, 1), await buyer.asks(key, 2), await buyer.asks(key, 1)]


@case(["bought", "bought before", REUSED])
async def a_key_of_bars(buyer: Buyer) -> Any:
    return [await buyer.asks("|" * 12, quantity) for quantity in (1, 1, 2)]


@case(LIMITED)
async def more_than_the_limit_at_once(buyer: Buyer) -> Any:
    return await buyer.asks("k", LIMIT + 1)


@case(["bought", LIMITED])
async def more_than_the_limit_in_all(buyer: Buyer) -> Any:
    return [await buyer.asks("k", 2), await buyer.asks("l", 2)]


@case(["bought", {"code": "sold-out", "detail": "Not enough stock"}])
async def more_than_is_left(buyer: Buyer) -> Any:
    return [await buyer.asks("k", 3, customer=uuid4()), await buyer.asks("k", 3, customer=uuid4())]


@case({"code": "price-changed", "detail": "The price has changed", "unit_price": "19.99", "currency": "TRY"})
async def another_price(buyer: Buyer) -> Any:
    reported = await buyer.asks("k", 1, read_number("19.98"))
    assert isinstance(reported, dict)
    return {**reported, "unit_price": bytes(reported["unit_price"]).decode()}


@case("price-changed")
async def the_price_comes_before_the_limit(buyer: Buyer) -> Any:
    reported = await buyer.asks("k", LIMIT + 1, read_number("19.98"))
    return reported["code"] if isinstance(reported, dict) else reported


@case({"code": "sale-not-active", "detail": "This flash sale has not started"})
async def before_the_start(buyer: Buyer) -> Any:
    await buyer.moves("1 hour", "2 hours")
    return await buyer.asks("k")


@case({"code": "sale-not-active", "detail": "This flash sale has ended"})
async def after_the_end(buyer: Buyer) -> Any:
    await buyer.moves("-2 hours", "-1 hour")
    return await buyer.asks("k")


SOLD_OUT = {"code": "sold-out", "detail": "Not enough stock"}


@case([SOLD_OUT, SOLD_OUT, REUSED, "bought"])
async def sold_out_and_then_there_is_more(buyer: Buyer) -> Any:
    for _ in range(ALLOCATED):
        assert await buyer.asks("k", customer=uuid4()) == "bought"
    refused = await buyer.asks("k")
    await buyer.item_becomes("allocated = allocated + 5")
    return [refused, await buyer.asks("k"), await buyer.asks("k", 2), await buyer.asks("l")]


@case([LIMITED, LIMITED, "bought"])
async def a_limit_that_is_raised(buyer: Buyer) -> Any:
    refused = await buyer.asks("k", LIMIT + 1)
    await buyer.item_becomes("per_customer_limit = per_customer_limit + 1")
    return [refused, await buyer.asks("k", LIMIT + 1), await buyer.asks("l", LIMIT + 1)]


@case(["sale-not-active", "bought"])
async def a_sale_that_has_not_begun_decides_nothing(buyer: Buyer) -> Any:
    await buyer.moves("1 hour", "2 hours")
    early = await buyer.asks("k")
    await buyer.moves("-1 hour", "2 hours")
    assert isinstance(early, dict)
    return [early["code"], await buyer.asks("k")]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("way", ["functions", "scripts", "postgres"])
async def test_each_way_decides_alike(database_url: str, redis_url: str, name: str, way: str) -> None:
    arrange, reported = CASES[name]
    async with quiet_shop(
        database_url, redis_url, allocated=ALLOCATED, limit=LIMIT, uses_scripts=way == "scripts"
    ) as shop:
        assert await arrange(Buyer(shop, by_postgres=way == "postgres")) == reported


def test_redis_says_no_word_that_has_no_name() -> None:
    reserve = library._SOURCE.partition("local function reserve(")[2].partition("\nend")[0]
    assert set(re.findall(r"return \{ '([A-Z_]+)'", reserve)) == set(Verdict)


async def test_a_word_that_nobody_knows_is_an_error(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_function(monkeypatch, "{ 'SOLD_OUT' }", "{ 'SOLD_AWAY' }")
    async with quiet_shop(database_url, redis_url, allocated=0) as shop:
        with pytest.raises(UnknownVerdict, match="SOLD_AWAY"):
            await shop.buy(uuid4(), "k")


async def test_a_word_that_nobody_knows_is_seen_in_a_change_too(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_function(monkeypatch, "{ 'KNOWN' }", "{ 'GNOMON' }")
    async with quiet_shop(database_url, redis_url) as shop:
        with pytest.raises(UnknownVerdict, match="GNOMON"):
            await shop.runtime.upkeep.sync(await shop.item())


async def test_who_has_refused_for_good_makes_no_difference_to_a_repeat(database_url: str, redis_url: str) -> None:
    """What PostgreSQL refused while Redis was unavailable is known to an item that is built again."""
    async with quiet_shop(database_url, redis_url, allocated=1) as shop:
        away = Buyer(shop, by_postgres=True)
        assert await away.asks("k", customer=uuid4()) == "bought"
        assert await away.asks("k") == SOLD_OUT
        here = Buyer(shop, by_postgres=False, customer=away.customer)
        await here.item_becomes("allocated = allocated + 5")
        assert await here.asks("k") == SOLD_OUT
        assert not (await shop.item()).is_drifted
        assert await here.asks("l") == "bought"
