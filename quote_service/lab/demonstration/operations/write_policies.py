"""Price policies of the demonstration: every mode, and every bound that a page shows.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.policies import (
    PolicyDraft,
    PolicyImport,
    PolicyMode,
    PricePointsDraft,
)
from quote_service.intelligence.price_decisions.operations.write_policy import import_policies
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS
from quote_service.lab.demonstration.operations.open_shop import major
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change

_MODES: dict[str, PolicyMode] = {"Coffee": "auto", "Coffee gear": "shadow", "Tea": "suggest"}
_OFF = "rival_rises"


async def write_policies(
    change: Change,
    products: list[UUID],
    categories: dict[str, UUID],
    *,
    only_late: bool = False,
    off: bool = False,
) -> None:
    """Write a policy of all products in the currency, of each category, and of some products, in place of what is there.

    Args:
        change: Its author.
        products: In the order of GOODS.
        categories: By their names among the goods.
        only_late: Only the one that somebody wrote today. Whoever writes a policy again promotes what was taken back.
        off: In the mode `off`, whatever it was.
    """
    drafts = [_late(products)] if only_late else list(_drafts(products, categories))
    if off:
        drafts.append(_late(products))
        drafts = [msgspec.structs.replace(draft, mode="off") for draft in drafts]
    await import_policies(change, PolicyImport(policies=drafts))


def _drafts(products: list[UUID], categories: dict[str, UUID]) -> Iterator[PolicyDraft]:
    yield PolicyDraft(
        currency=CURRENCY,
        mode="off",
        highest_margin_percent=ExactNumber("60"),
        price_points=PricePointsDraft(every=ExactNumber("0.10"), endings=[ExactNumber("0")]),
        # A market of twelve products moves as a whole.
        breaker_share_percent=ExactNumber("60"),
    )
    for name, category_id in categories.items():
        yield PolicyDraft(category_id=category_id, currency=CURRENCY, mode=_MODES[name])
    for good, product_id in zip(GOODS, products, strict=True):
        if good.story == _OFF:
            yield PolicyDraft(product_id=product_id, currency=CURRENCY, mode="off")
        elif good.story == "new_rival":
            yield PolicyDraft(product_id=product_id, currency=CURRENCY, above_competitors_percent=ExactNumber("10"))
        elif good.story == "running_out":
            # What the supplier lets nobody advertise below.
            advertised = major(good.usual_minor * 97 // 100)
            yield PolicyDraft(product_id=product_id, currency=CURRENCY, minimum_advertised_price=advertised)


def _late(products: list[UUID]) -> PolicyDraft:
    """A floor for what is sold in a surge, and no price below the lowest of 30 days."""
    [(product_id, good)] = [each for each in zip(products, GOODS, strict=True) if each[1].story == "surge"]
    floor = major(good.usual_minor * 90 // 100)
    return PolicyDraft(product_id=product_id, currency=CURRENCY, floor_price=floor, keep_lowest_30_days=True)
