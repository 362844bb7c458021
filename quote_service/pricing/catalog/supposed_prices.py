"""The catalog as it would be with some other current prices.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

from collections.abc import Mapping

import msgspec

from quote_service.pricing.catalog.catalog_snapshot import READY_MAX, CatalogSnapshot, Ready

#: So many may be supposed; those kept ready besides have to leave them their room.
SUPPOSED_MAX = READY_MAX // 4


def suppose_prices(
    catalog: CatalogSnapshot, prices_micro: Mapping[tuple[str, str | None, str], int]
) -> CatalogSnapshot:
    """The catalog for a few baskets; the given one stays as it is.

    Args:
        catalog: What is held.
        prices_micro: Current prices in millionths, by product, variant and currency; at most SUPPOSED_MAX. What the catalog does
            not have is passed over.
    """
    if not prices_micro:
        return catalog
    assert len(prices_micro) <= SUPPOSED_MAX
    ready = Ready()
    for key, price_micro in prices_micro.items():
        held = catalog.find(*key)
        if held is not None:
            ready.keep(key, msgspec.structs.replace(held, current_micro=price_micro))
    return CatalogSnapshot(
        stock=catalog.stock,
        demand=catalog.demand,
        parents=catalog.parents,
        demand_hours=catalog.demand_hours,
        rows=catalog.rows,
        ready=ready,
        seller_regions=catalog.seller_regions,
    )
