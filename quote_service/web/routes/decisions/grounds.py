"""What a price decision went by besides, with names in place of ids: other sizes, a campaign, and the policies in force.

Source: docs/spec/web.md#price-decisions.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from quote_service.web.model.decisions.grounds import PolicyLink, allowed_by, margin_rows, policy_link, sizes_of
from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.routes.own_api import OwnApi

_POLICIES = "/api/v1/price-policies"


async def grounds_of(api: OwnApi, reported: Mapping[str, Any]) -> dict[str, Any]:
    """What `decisions/grounds.html` shows of a decision, or of the answer to a what-if."""
    family, campaign = reported.get("family"), reported.get("campaign")
    others = family["others"] if family else ()
    found, running, policies = await asyncio.gather(
        asyncio.gather(*(api.find(f"/api/v1/products/{each['product_id']}") for each in others)),
        _campaign(api, campaign),
        asyncio.gather(*(_policy(api, policy_id) for policy_id in reported["limits"]["policy_ids"])),
    )
    names = {each["product_id"]: str(product["name"]) for each, product in zip(others, found, strict=True) if product}
    opinions = reported.get("second_opinions") or ()
    return {
        "sizes": sizes_of(reported, names),
        "family_allows": allowed_by(reported, "family"),
        "campaign": running,
        "campaign_allows": allowed_by(reported, "campaign"),
        "policies": policies,
        "margins": margin_rows(reported),
        "opinions": [
            {**each, "bar": elasticity_bar(each["elasticity"], each["low"], each["high"])} for each in opinions
        ],
    }


async def _campaign(api: OwnApi, campaign: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if campaign is None:
        return None
    found = await api.find(f"/api/v1/campaigns/{campaign['campaign_id']}")
    days_left = Decimal(str(campaign["hours_left"])) / 24
    return {**campaign, "name": found["name"] if found else "A campaign", "days_left": days_left}


async def _policy(api: OwnApi, policy_id: str) -> PolicyLink:
    return policy_link(policy_id, await api.find(f"{_POLICIES}/{policy_id}"))
