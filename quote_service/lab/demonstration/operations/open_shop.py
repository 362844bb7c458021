"""The shop of the market: its categories, seller, products with costs and stock, and customers.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from quote_service.lab.demonstration.model.baskets import CUSTOMERS
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS, Good
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.sightings import gtin_of
from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.operations.write_past import set_past
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import create
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.model.categories import CategoryDraft
from quote_service.shop.catalog.model.prices import PriceDraft
from quote_service.shop.catalog.model.products import ProductDraft
from quote_service.shop.catalog.model.sellers import SellerDraft
from quote_service.shop.catalog.operations.categories import CATEGORIES
from quote_service.shop.catalog.operations.sellers import SELLERS
from quote_service.shop.catalog.operations.write_product import create_product
from quote_service.shop.customers.model.customers import CustomerDraft
from quote_service.shop.customers.operations.customers import CUSTOMERS as CUSTOMER_RECORDS
from quote_service.shop.inventory.model.stock import StockDraft
from quote_service.shop.inventory.operations.write_stock import set_stock

SELLER: Final = "Demonstration Roasters"
_LOWEST_PERCENT, _HIGHEST_PERCENT = 60, 160
_FEW_UNITS, _MANY_UNITS = 6, 400
_LOW_STOCK: Final = 10


class Shop(NamedTuple):
    """What was made; products in the order of GOODS."""

    seller_id: UUID
    categories: dict[str, UUID]
    products: list[UUID]
    customers: list[str]


async def open_shop(connection: Connection, plan: DemonstrationPlan) -> Shop:
    """Make everything, as of the day the shop was opened.

    Args:
        connection: Inside a transaction.
        plan: Whose seed the ids come from.

    Raises:
        NameTaken, SkuTaken: Something is there already.
    """
    change = Change.within(connection, change_by_system(AUTHOR, to_micros(plan.opened)))
    await set_past(connection, plan.opened)
    seller_id = UUID(_id(plan, "seller", 0))
    await create(SELLERS, change, SellerDraft(name=SELLER, external_ref=AUTHOR), seller_id)
    categories = {name: UUID(_id(plan, "category", at)) for at, name in enumerate(_categories())}
    for name, category_id in categories.items():
        await create(CATEGORIES, change, CategoryDraft(name=f"{name} (demonstration)"), category_id)
    products = []
    for at, good in enumerate(GOODS):
        draft = _product(at, good, categories[good.category], seller_id)
        # Ids in the order of the goods: what is learnt of several products depends, a little, on who comes first.
        created = msgspec.structs.replace(change, at_us=change.at_us + at * 1000)
        products.append((await create_product(created, draft)).id)
        await set_stock(change, products[-1], _stock(good), UNCONDITIONAL)
    return Shop(seller_id, categories, products, await _customers(change, plan))


def major(minor: int) -> ExactNumber:
    """An amount of minor units of the shop's currency as its documents have it."""
    return ExactNumber(Decimal(minor).scaleb(-2))


async def _customers(change: Change, plan: DemonstrationPlan) -> list[str]:
    ids = [_id(plan, "customer", at) for at in range(CUSTOMERS)]
    for at, customer_id in enumerate(ids):
        draft = CustomerDraft(external_ref=f"{AUTHOR}-{at}")
        await create(CUSTOMER_RECORDS, change, draft, UUID(customer_id))
    return ids


def _product(at: int, good: Good, category_id: UUID, seller_id: UUID) -> ProductDraft:
    price = PriceDraft(
        currency=CURRENCY,
        base_price=major(good.usual_minor),
        min_price=major(good.usual_minor * _LOWEST_PERCENT // 100),
        cost_price=major(good.cost_minor * 102 // 100),
        max_price=major(good.usual_minor * _HIGHEST_PERCENT // 100),
    )
    return ProductDraft(
        sku=good.sku,
        name=good.name,
        description="Of the simulated market.",
        category_id=category_id,
        seller_id=seller_id,
        tags=["demonstration"],
        attributes={"gtin": gtin_of(at)},
        prices=[price],
    )


def _stock(good: Good) -> StockDraft:
    units = _FEW_UNITS if good.story == "running_out" else _MANY_UNITS
    return StockDraft(quantity=units, low_threshold=_LOW_STOCK)


def _categories() -> list[str]:
    return list(dict.fromkeys(good.category for good in GOODS))


def _id(plan: DemonstrationPlan, kind: str, number: int) -> str:
    return Draws(plan.seed, f"demonstration {kind}", number).identifier(to_micros(plan.opened))
