"""Fill a database: everything in one transaction, so that what is interrupted leaves nothing.

    categories, sellers -> rates and rules -> customers -> products with prices, moves and stock -> orders

Source: docs/spec/seeding.md#how-it-is-written.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec

from quote_service.lab.seeding.model.customers import customer_email, seed_customer
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.price_paths import moved_us, priced
from quote_service.lab.seeding.model.products import (
    ABROAD,
    COST_PERCENT,
    CURRENCY,
    MAX_PERCENT,
    MIN_PERCENT,
    SeedProduct,
    product_page,
    seed_product,
    sku_of,
)
from quote_service.lab.seeding.model.shop import categories, sellers
from quote_service.lab.seeding.model.stock import stock_of
from quote_service.lab.seeding.model.vocabulary import Vocabulary
from quote_service.lab.seeding.operations.order_chunks import OrderChunks
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.lab.seeding.operations.seed_rates import seed_rates
from quote_service.lab.seeding.tables.seeded_rows import (
    AUTHOR,
    analyze,
    copy_rows,
    copy_texts,
    holds_products,
    holds_seed,
    move_prices,
    set_author,
    set_price_reason,
)
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import from_micros
from quote_service.rulebook.commission_rates.tables.commission_rates import lock_rulebook
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_changes_within

_CHUNK_PRODUCTS: Final = 10_000
# Takes what is being written, how much of it is done, and how much there is.
ReportProgress = Callable[[str, int, int], None]


class AlreadyThere(Exception):
    """The database holds products, or the very rows of this seed; the message says which."""


async def seed_database(
    connection: Connection,
    plan: SeedPlan,
    vocabulary: Vocabulary,
    keys: OrderKeys | None,
    *,
    appends: bool,
    processes: int,
    report: ReportProgress,
) -> None:
    """Write everything within the caller's transaction.

    Args:
        connection: Inside a transaction, with time for long statements.
        plan: How much of which seed. Orders need customers and products.
        vocabulary: The words of the seed.
        keys: What orders are signed with; needed where there are any.
        appends: Also where there are products already.
        processes: How many processes price orders.
        tell: Told of progress.

    Raises:
        AlreadyThere: Nothing is written.
    """
    if not appends and await holds_products(connection):
        raise AlreadyThere("The database holds products already; --append adds to them")
    if await holds_seed(connection, sku_of(plan, 0), UUID(seed_customer(plan, 0).id)):
        raise AlreadyThere(f"The database holds the rows of seed {plan.seed} already; choose another with --seed")
    await set_author(connection)
    await _seed_shop(connection, plan, vocabulary)
    orders = await _begin_orders(connection, plan, keys, processes)
    try:
        await _seed_rows(connection, plan, vocabulary, orders, report)
    finally:
        if orders is not None:
            orders.close()
    await analyze(connection)


async def _begin_orders(
    connection: Connection, plan: SeedPlan, keys: OrderKeys | None, processes: int
) -> OrderChunks | None:
    if not plan.orders:
        return None
    assert keys is not None
    # Held to the end: the orders say which version of the rulebook priced them.
    await lock_rulebook(connection)
    return OrderChunks(plan, await read_changes_within(connection), keys, processes)


async def _seed_rows(
    connection: Connection, plan: SeedPlan, vocabulary: Vocabulary, orders: OrderChunks | None, report: ReportProgress
) -> None:
    await _seed_customers(connection, plan, vocabulary, report)
    for first in range(0, plan.products, _CHUNK_PRODUCTS):
        end = min(first + _CHUNK_PRODUCTS, plan.products)
        await _seed_products(connection, plan, vocabulary, range(first, end))
        report("products", end, plan.products)
    if orders is not None:
        rows = orders.rows(lambda done: report("orders", done, plan.orders))
        await copy_texts(connection, "accepted_quotes", rows)


async def _seed_shop(connection: Connection, plan: SeedPlan, vocabulary: Vocabulary) -> None:
    if not plan.products:
        return
    written = (AUTHOR, plan.opened, AUTHOR, plan.opened)
    tree = categories(plan)
    people = sellers(plan, vocabulary)
    await copy_rows(
        connection,
        "categories",
        ((UUID(each.id), each.parent_id and UUID(each.parent_id), each.name, *written) for each in tree),
    )
    await copy_rows(connection, "sellers", ((UUID(each.id), each.name, each.external_ref, *written) for each in people))
    await seed_rates(connection, plan, people)


async def _seed_customers(
    connection: Connection, plan: SeedPlan, vocabulary: Vocabulary, report: ReportProgress
) -> None:
    if not plan.customers:
        return

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(plan.customers):
            customer = seed_customer(plan, number)
            email = customer_email(plan, number, vocabulary)
            written = (AUTHOR, plan.opened, AUTHOR, plan.opened)
            yield UUID(customer.id), f"seed-{plan.seed}-{number}", email, customer.tier, customer.segments, *written

    await copy_rows(connection, "customers", rows())
    report("customers", plan.customers, plan.customers)


async def _seed_products(connection: Connection, plan: SeedPlan, vocabulary: Vocabulary, numbers: range) -> None:
    products = [seed_product(plan, number) for number in numbers]
    await set_price_reason(connection, "import", "First price", plan.opened)
    await copy_rows(connection, "products", (_product_row(plan, each, vocabulary) for each in products))
    await copy_rows(connection, "product_variants", (row for each in products for row in _variant_rows(plan, each)))
    await copy_rows(connection, "product_prices", (row for each in products for row in _price_rows(each)))
    await _move_prices(connection, plan, products)
    await set_price_reason(connection, "", "", plan.until)
    await copy_rows(
        connection,
        "inventory",
        (
            (UUID(each.product_id), each.variant_id and UUID(each.variant_id), *each[2:], AUTHOR, plan.until)
            for product in products
            for each in stock_of(plan, product)
        ),
    )


async def _move_prices(connection: Connection, plan: SeedPlan, products: list[SeedProduct]) -> None:
    moves = sorted((move.day, product.number, move.percent) for product in products for move in product.moves)
    first = products[0].number
    for day, moved in groupby(moves, key=lambda move: move[0]):
        items, prices = [], []
        for _, number, percent in moved:
            product = products[number - first]
            items.append(UUID(product.id))
            prices.append(_major(priced(product.base_minor, percent)))
        await set_price_reason(connection, "schedule", "Nightly repricing", from_micros(moved_us(plan, day)))
        await move_prices(connection, CURRENCY, items, prices)


def _product_row(plan: SeedPlan, product: SeedProduct, vocabulary: Vocabulary) -> tuple[Any, ...]:
    page = product_page(plan, product, vocabulary)
    return (
        UUID(product.id),
        page.sku,
        page.name,
        page.description,
        UUID(product.category_id),
        UUID(product.seller_id),
        product.is_active,
        Decimal(product.grams).scaleb(-3),
        product.tags,
        msgspec.json.encode(page.attributes).decode(),
        AUTHOR,
        plan.opened,
        AUTHOR,
        plan.opened,
    )


def _variant_rows(plan: SeedPlan, product: SeedProduct) -> Iterator[tuple[Any, ...]]:
    for place, variant in enumerate(product.variants):
        sku = f"{sku_of(plan, product.number)}-{place}"
        attributes = msgspec.json.encode({"option": variant.option}).decode()
        yield UUID(variant.id), UUID(product.id), sku, variant.option, attributes, place


def _price_rows(product: SeedProduct) -> Iterator[tuple[Any, ...]]:
    product_id = UUID(product.id)
    bounds = _price_of(product.base_minor)
    base = _major(product.base_minor)
    yield product_id, None, CURRENCY, base, base, *bounds, ()
    if product.euro_minor is not None:
        euros = _major(product.euro_minor)
        yield product_id, None, ABROAD, euros, euros, *_price_of(product.euro_minor), ()
    for variant in product.variants:
        if variant.base_minor is not None:
            own = _major(variant.base_minor)
            yield product_id, UUID(variant.id), CURRENCY, own, own, *bounds, ("base_price", "current_price")


def _price_of(base_minor: int) -> tuple[Decimal, Decimal, Decimal]:
    """The lowest price, the cost and the highest price."""
    lowest, cost, highest = (priced(base_minor, percent) for percent in (MIN_PERCENT, COST_PERCENT, MAX_PERCENT))
    return _major(lowest), _major(cost), _major(highest)


def _major(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)
