"""Rivals as competitors with sources and listings, and what was seen of them: through the doors that partners use.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import CompetitorDraft, SkuMap, SkuMapping
from quote_service.intelligence.competitors.model.sources import FeedSettings, PageSettings, SourceDraft
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.map_skus import map_skus
from quote_service.intelligence.competitors.operations.receive_observations import receive_observations
from quote_service.intelligence.competitors.operations.write_source import create_source, receive_upload
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.rivals import RIVALS, STEADY
from quote_service.lab.demonstration.model.sightings import SILENT, Sighting, their_sku
from quote_service.lab.demonstration.operations.open_shop import Shop
from quote_service.platform.documents.documents import Row
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import create
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros

# Observations are taken for 30 days; what is told again later than that is refused.
_WRITTEN_AT_ONCE_DAYS: Final = 25
#: So many days are told now, so that who follows news of rivals sees the stories of the last days.
RECENT_DAYS: Final = 12
_INTERVAL_SECONDS: Final = 43_200
_FEED: Final = (
    "id,title,price,availability\n"
    "T-100,Gooseneck kettle 1 litre black,58.50 EUR,in_stock\n"
    "T-101,Hand grinder with steel burrs,43.00 EUR,in_stock\n"
    "T-102,Garden chair,79.00 EUR,in_stock\n"
)


class Watched(NamedTuple):
    """Competitors and their sources; those of RIVALS first, in their order."""

    competitors: list[UUID]
    names: list[str]
    sources: list[UUID]


async def watch_rivals(
    connection: Connection,
    plan: DemonstrationPlan,
    shop: Shop,
    seen: Sequence[Sighting],
    end: int,
    seal: CredentialsSeal,
) -> Watched:
    """Write rivals, how they are watched, and what was seen of them before a day.

    Args:
        connection: Inside a transaction.
        plan: When the days were.
        shop: Whose products they sell as well.
        seen: Looks, by day.
        end: The day.
        seal: For credentials; none are kept.
    """
    change = Change.within(connection, change_by_system(AUTHOR, to_micros(plan.opened)))
    watched = await _make(change, shop, seal)
    for first in range(0, end, _WRITTEN_AT_ONCE_DAYS):
        last = min(first + _WRITTEN_AT_ONCE_DAYS, end)
        reported = [each for each in seen if first <= each.day < last]
        await record_looks(connection, watched, reported, to_micros(plan.watched(last - 1)) + 1)
    await _watch_others(connection, plan, watched, seal)
    return watched


async def record_looks(connection: Connection, watched: Watched, seen: Sequence[Sighting], at_us: int) -> None:
    """Tell what was seen of rivals, as of an instant behind it."""
    for rival, source_id in enumerate(watched.sources[: len(RIVALS)]):
        rows = [Row(at, each.observation, ()) for at, each in enumerate(seen) if each.rival == rival]
        if rows:
            heard_us = min(at_us, _last_us(rows)) if rival == SILENT else at_us
            change = Change.within(connection, change_by_system(AUTHOR, heard_us))
            answer = await receive_observations(change, source_id, rows, 0)
            assert not answer.refused, answer.refused[0]


async def _make(change: Change, shop: Shop, seal: CredentialsSeal) -> Watched:
    watched = Watched([], [], [])
    for at, rival in enumerate(RIVALS):
        draft = CompetitorDraft(
            name=rival.name, website=rival.website, notes=f"Of the simulated market; sells by {rival.platform}."
        )
        competitor = await create(COMPETITORS, change, draft)
        if at != STEADY:  # whose listings tell their GTIN
            mapped = [
                SkuMapping(their_sku=their_sku(at, good), product_id=shop.products[good]) for good in range(len(GOODS))
            ]
            await map_skus(change, competitor.id, SkuMap(skus=mapped))
        source = SourceDraft(
            competitor_id=competitor.id,
            name=f"{rival.name} ({rival.platform})",
            kind="push",
            currency=CURRENCY,
            interval_seconds=_INTERVAL_SECONDS,
        )
        watched.competitors.append(competitor.id)
        watched.names.append(competitor.name)
        watched.sources.append((await create_source(change, source, seal)).id)
    return watched


def _last_us(rows: Sequence[Row]) -> int:
    """When the last of what a source told was seen: one that is silent was not heard later."""
    return max(to_micros(row.value.observed_at) for row in rows) + 1


async def _watch_others(
    connection: Connection, plan: DemonstrationPlan, watched: Watched, seal: CredentialsSeal
) -> None:
    """A feed whose products a person has to match, and a page that cannot be fetched."""
    change = Change.within(connection, change_by_system(AUTHOR, to_micros(plan.now)))
    tools = await create(COMPETITORS, change, CompetitorDraft(name="Kitchen & Tools"))
    feed = SourceDraft(
        competitor_id=tools.id, name="Kitchen & Tools: uploaded feed", kind="feed", feed=FeedSettings(format="csv")
    )
    made = await create_source(change, feed, seal)
    await receive_upload(connection, made.id, "text/csv", _FEED.encode())
    town = await create(COMPETITORS, change, CompetitorDraft(name="Old Town Coffee"))
    page = SourceDraft(
        competitor_id=town.id,
        name="Old Town Coffee: espresso beans",
        kind="page",
        page=PageSettings(url="https://old-town-coffee.example/espresso"),
    )
    watched.competitors.extend((tools.id, town.id))
    watched.names.extend((tools.name, town.name))
    watched.sources.extend((made.id, (await create_source(change, page, seal)).id))
