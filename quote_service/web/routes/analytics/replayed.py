"""What the page of a replay shows: what is supposed, and what came of it, with names in place of ids.

Source: docs/spec/web.md#analytics.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from quote_service.web.model.replays import NOT_REPRODUCED, histogram, supposed
from quote_service.web.routes.analytics.keys import names_by_id
from quote_service.web.routes.page import Page

_GROUPS = ("sellers", "categories")


async def replay_context(page: Page, replay: Mapping[str, Any]) -> dict[str, Any]:
    """Of a replay, whether it is done or not."""
    change, result = replay.get("change") or {}, replay.get("result")
    blocks = result["currencies"] if result else []
    names, about = await asyncio.gather(
        names_by_id(
            page,
            [
                *(("product", each["product_id"]) for each in change.get("price_changes", ())),
                *((group, row["key"]) for block in blocks for group in _GROUPS for row in block[group]),
            ],
        ),
        _change_set(page, replay.get("change_set_id")),
    )
    return {
        "supposed": list(supposed(change, names)),
        "histograms": {block["currency"]: histogram(block["histogram"]) for block in blocks},
        "names": names,
        "not_reproduced": NOT_REPRODUCED,
        "change_set": about,
    }


async def _change_set(page: Page, set_id: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await page.api.find(f"/api/v1/change-sets/{set_id}") if set_id else None
    return found
