"""Once everything is well again: every invariant, from the databases and from what the buyers saw.

Source: docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from tests.conftest import eventually
from tests.flash_sales.campaign.buyers import buy_out
from tests.flash_sales.campaign.counter import PRICE_MINOR, Counter, Product
from tests.flash_sales.campaign.world import World
from tests.flash_sales.history import TAKEN, check_history, check_liveness, check_sold_out
from tests.flash_sales.orders_of_sales import wrong_orders

# I14. At worst it takes a statement that PostgreSQL does not answer, a pause of the breaker and a round of the maintenance,
# some seconds. Many times that, since it is to tell a sale that goes on from one that does not, on a busy machine too.
SELLS_AGAIN_SECONDS = 60.0


@dataclass
class Report:
    """What is wrong after a sale, and figures about it."""

    violations: list[str] = field(default_factory=list)
    lost: int = 0
    rejected: int = 0
    recoveries: int = 0
    sold: int = 0
    answers: int = 0


async def judge(
    world: World, counter: Counter, product: Product, *, probed: Product | None = None, faultless: bool = False
) -> Report:
    """Wait until the sale is quiet, hold it against every invariant, then sell what is left, and do so again.

    Args:
        world: Whose servers and processes all run again.
        counter: Of the sale.
        product: The one to be sold out.
        probed: Another of the same sale, of which there is always some left.
        faultless: Nothing was broken and nothing given back; then nobody may have been refused a unit that was there.
    """
    report = Report()
    products = [product] if probed is None else [product, probed]
    await _until_quiet(world, counter)
    await _hold(world, counter, products, report)
    # On a slow machine a hold may end before its buyer confirms, when others have been refused already.
    while any(one.outcome != "refused" for one in await buy_out(counter, product)):
        await _until_quiet(world, counter)
    await _until_quiet(world, counter)
    await _hold(world, counter, products, report)
    kept = await world.kept(counter.sale_id, product)
    report.sold = sum(one.quantity for one in kept if one.status in TAKEN)
    if report.sold != product.allocated:  # a unit that nobody can buy is one that was lost on the way
        report.violations.append(f"I11: {report.sold} units of {product.allocated} could be sold")
    if faultless:
        report.violations += check_sold_out(product.book, kept, allocated=product.allocated)
    report.violations += counter.wrong + world.traces()
    report.violations = list(dict.fromkeys(report.violations))
    return report


async def until_sold_again(ends: list[float], probed: Product) -> list[str]:
    """I14, of a product that somebody buys all the time: how soon after each fault it was sold again."""

    def successes() -> list[float]:
        return [one.ended for one in probed.book if one.outcome in TAKEN]

    last = max(ends, default=0.0)
    await eventually(lambda: any(at >= last for at in successes()), "after the last fault something is sold")
    return check_liveness(ends, successes(), within_seconds=SELLS_AGAIN_SECONDS)


async def _until_quiet(world: World, counter: Counter) -> None:
    found: list[str] = []

    async def is_quiet() -> bool:
        audit = await world.audit(counter.sale_id)
        found[:] = ["the servers do not answer"] if audit is None else [str(one) for one in audit.findings]
        return not found and not await _are_held(world, counter)

    try:
        await eventually(is_quiet, "the sale is quiet")
    except BaseException as failure:
        failure.add_note(f"the audit finds {found}, {await _are_held(world, counter)} purchases are held")
        raise


async def _are_held(world: World, counter: Counter) -> int:
    async with world.database.read() as connection:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM flash_sale_purchases WHERE sale_id = $1 AND status = 'reserved'", counter.sale_id
            )
        )


async def _hold(world: World, counter: Counter, products: Sequence[Product], report: Report) -> None:
    audit = await world.audit(counter.sale_id)
    assert audit is not None
    report.rejected, report.recoveries = audit.rejected, audit.rebuilt - len(products)
    report.lost = report.answers = 0
    report.violations += await wrong_orders(world.database, counter.sale_id)
    for product in products:
        verdict = check_history(
            product.book,
            await world.kept(counter.sale_id, product),
            allocated=product.allocated,
            limit=product.limit,
            price_minor=PRICE_MINOR,
            recoveries=report.recoveries,
        )
        report.violations += verdict.violations
        report.lost += verdict.lost
        report.answers += len(product.book)


def history_lines(*products: Product) -> bytes:
    """The history of each product, an answer a line, in the order in which they were asked."""
    seen = sorted((one for product in products for one in product.book), key=lambda one: one.began)
    return b"".join(msgspec.json.encode(one) + b"\n" for one in seen)
