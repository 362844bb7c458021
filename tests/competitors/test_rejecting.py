"""What a person says of a match stays, whatever is fetched, pushed, looked for or said at the same time.

Source: docs/spec/competitors.md#matching.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.intelligence.competitors.model.listings import MatchRejection
from quote_service.intelligence.competitors.model.reading.score_titles import ScoreJob
from quote_service.intelligence.competitors.model.sources import SourceDraft
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.decide_match import reject_match
from quote_service.intelligence.competitors.operations.propose_matches import propose_matches
from quote_service.intelligence.competitors.operations.reading.messages import Answer, Job
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.write_source import replace_source
from quote_service.platform.documents.documents import read_value
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from tests.catalog.shop import a_product as a_draft
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.test_matching import a_competitor, a_push_source, listings, made, pushed
from tests.competitors.watching import KEYS, Watch, a_product
from tests.webhooks.receiver import Receiver, answer

PAGE = html(json_ld(product(offer("12.50"), name="Thing"))).encode()


async def rejected(watch: Watch, listing_id: UUID, product_id: UUID) -> None:
    async with watch.database.transaction() as connection:
        change = change_by_system("somebody", now_us())
        await reject_match(
            Change.within(connection, change), listing_id, MatchRejection(product_id=product_id), UNCONDITIONAL
        )


def test_a_mapped_sku_does_not_match_again_what_was_rejected(admin: httpx.Client) -> None:
    competitor, sku = a_competitor(admin), f"C-{uuid4().hex[:8]}"
    ours = made(admin, "/api/v1/products", a_draft())
    source = a_push_source(admin, competitor)
    mapping = {"skus": [{"their_sku": sku, "product_id": ours["id"]}]}
    admin.put(f"/api/v1/competitors/{competitor}/skus", json=mapping).raise_for_status()
    pushed(admin, source, {"sku": sku})
    (listing,) = listings(admin, source_id=source)
    assert listing["match_method"] == "sku_map"
    place = f"/api/v1/listings/{listing['id']}"
    admin.post(f"{place}/reject", json={"product_id": ours["id"]}).raise_for_status()
    pushed(admin, source, {"sku": sku, "price": 11, "title": "another name"})
    assert admin.get(place).json()["data"]["match_state"] == "unmatched"
    assert admin.put(f"/api/v1/competitors/{competitor}/skus", json=mapping).json()["data"]["matched"] == 0
    admin.delete(f"{place}/match").raise_for_status()
    pushed(admin, source, {"sku": sku, "price": 12})
    assert admin.get(place).json()["data"]["match_state"] == "matched"


def test_only_products_of_ours_can_be_rejected_and_a_match_that_stands_is_not_written_again(
    admin: httpx.Client,
) -> None:
    ours = made(admin, "/api/v1/products", a_draft())
    source = a_push_source(admin, a_competitor(admin))
    pushed(admin, source, {"sku": "A"})
    (listing,) = listings(admin, source_id=source)
    place = f"/api/v1/listings/{listing['id']}"
    refused = admin.post(f"{place}/reject", json={"product_id": str(uuid4())})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/product_id")
    first = admin.put(f"{place}/match", json={"product_id": ours["id"], "units": 2}).json()["data"]
    again = admin.put(f"{place}/match", json={"product_id": ours["id"], "units": "2.0"}).json()["data"]
    assert again == first


def test_of_a_confirmation_and_a_rejection_at_once_one_is_reported_that_the_other_came_first(
    admin: httpx.Client,
) -> None:
    ours = made(admin, "/api/v1/products", a_draft())
    source = a_push_source(admin, a_competitor(admin))
    pushed(admin, source, {"sku": "A"})
    (listing,) = listings(admin, source_id=source)
    place = f"/api/v1/listings/{listing['id']}"
    seen, body = {"If-Match": admin.get(place).headers["etag"]}, {"product_id": ours["id"]}
    with ThreadPoolExecutor(2) as threads:
        confirmed = threads.submit(admin.put, f"{place}/match", json=body, headers=seen)
        refused = threads.submit(admin.post, f"{place}/reject", json=body, headers=seen)
    assert sorted(each.result().status_code for each in (confirmed, refused)) == [200, 412]
    is_matched = admin.get(place).json()["data"]["match_state"] == "matched"
    assert is_matched == (confirmed.result().status_code == 200)


def test_a_url_too_long_to_be_a_name_is_refused_by_itself(admin: httpx.Client) -> None:
    source = a_push_source(admin, a_competitor(admin))
    reported = pushed(admin, source, {"url": "https://x.example/" + "\u6f22" * 1900}, {"sku": "A"})
    assert reported["accepted"] == 1
    assert [row["errors"][0]["pointer"] for row in reported["refused"]] == ["/observations/0/url"]


async def test_a_page_does_not_match_again_what_was_rejected_until_its_source_says_so_again(
    watch: Watch, shop: Receiver
) -> None:
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, PAGE)
    ours, other = await a_product(watch.database), await a_product(watch.database)
    settings = {"url": shop.url(f"/{uuid4().hex}"), "product_id": str(ours)}
    source = await watch.source("page", settings)
    await watch.turn(source)
    (listing,) = await watch.listings(source)
    assert listing.match_method == "source"
    await rejected(watch, listing.id, ours)
    await watch.turn(source)
    (after,) = await watch.listings(source)
    assert after.match_state == "unmatched"

    async def replaced(product_id: UUID, name: str) -> UUID | None:
        draft: dict[str, Any] = {"competitor_id": str(watch.competitor_id), "name": name, "kind": "page"}
        draft["page"] = {**settings, "product_id": str(product_id)}
        async with watch.database.transaction() as connection:
            change = change_by_system("somebody", now_us())
            wanted = read_value(draft, SourceDraft)
            await replace_source(
                Change.within(connection, change), source, wanted, CredentialsSeal(KEYS), UNCONDITIONAL
            )
        return (await watch.listings(source))[0].product_id

    assert await replaced(ours, "called otherwise") is None
    assert await replaced(other, "of another product") == other
    assert await replaced(ours, "of this one after all") == ours


class Deciding(PageReader):
    """Somebody decides while titles are scored; or the process that scores them dies."""

    def __init__(self, watch: Watch, listing_id: UUID, product_id: UUID, *, dies: bool) -> None:
        super().__init__()
        self.asked = 0
        self._watch, self._listing, self._product = watch, listing_id, product_id
        self._dies = dies

    async def read(self, job: Job) -> Answer:
        if not isinstance(job, ScoreJob):
            return await super().read(job)
        self.asked += 1
        if self._dies:
            return Answer(outcome="parse_error")
        scored = await super().read(job)
        if self.asked == 1:
            await rejected(self._watch, self._listing, self._product)
        return scored


@pytest.mark.parametrize("dies", [False, True])
async def test_what_is_said_while_a_listing_is_looked_for_is_not_undone(
    watch: Watch, shop: Receiver, *, dies: bool
) -> None:
    # A number of its own: products that only share the other words are alike enough to be proposed too.
    name = f"Olive Oil {uuid4().int % 10**12} ml"
    ours = await a_product(watch.database, name)
    rows = f"id,title,price\nA,{name},9 EUR\n".encode()
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, rows)
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET is_match_due = false")
    source = await watch.source("feed", {"format": "csv", "url": shop.url(f"/{uuid4().hex}")})
    await watch.turn(source)
    await propose_matches(watch.database, watch.reader)
    (proposed,) = await watch.listings(source)
    assert proposed.match_state == "proposed"
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET is_match_due = true WHERE id = $1", proposed.id)
    reader = Deciding(watch, proposed.id, ours, dies=dies)
    try:
        for _ in range(3):
            await propose_matches(watch.database, reader)
    finally:
        await reader.close()
    (after,) = await watch.listings(source)
    assert reader.asked == 1
    assert (after.match_state, len(after.proposals)) == (("proposed", 1) if dies else ("unmatched", 0))
