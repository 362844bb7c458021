"""What the keys of a report's groups stand for: sellers, categories and products by name.

Source: docs/spec/web.md#analytics.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from quote_service.web.routes.page import Page
from quote_service.web.routes.selling.refund_preview import names_of

_NAMED: Final = {
    "seller": "/api/v1/sellers",
    "sellers": "/api/v1/sellers",
    "category": "/api/v1/categories",
    "categories": "/api/v1/categories",
    "product": "/api/v1/products",
}
_NAMES_MAX: Final = 100


async def names_by_id(page: Page, keys: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Names by id, of each dimension and key; what is no id of anything, or not shown to this person, is left out."""
    wanted: dict[str, list[str]] = {}
    for dimension, key in keys:
        if key and dimension in _NAMED:
            wanted.setdefault(_NAMED[dimension], []).append(str(key))
    found = await asyncio.gather(*(names_of(page, path, ids, _NAMES_MAX) for path, ids in wanted.items()))
    return {key: name for names in found for key, name in names.items()}


def keys_of_report(data: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Every dimension with a key in the groups of a report, and in its movers."""
    for block in data.get("currencies", ()):
        for group in block.get("groups", ()):
            yield from group["keys"].items()
        movers = block.get("movers")
        if movers:
            yield from ((movers["dimension"], each["key"]) for each in (*movers["up"], *movers["down"]))
