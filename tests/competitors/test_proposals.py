"""What nothing matches by number is proposed to a person, and looked for again.

Source: docs/spec/competitors.md#matching.
"""

from __future__ import annotations

from uuid import uuid4

from quote_service.intelligence.competitors.operations.propose_matches import propose_matches
from quote_service.intelligence.competitors.operations.sweep_competitors import sweep_competitors
from tests.competitors.watching import Watch, a_product
from tests.webhooks.receiver import Receiver, answer


async def test_what_nothing_matches_is_proposed_to_a_person(watch: Watch, shop: Receiver) -> None:
    word = f"quux{uuid4().hex[:8]}"
    right = await a_product(watch.database, f"{word} Olive Oil 500 ml")
    await a_product(watch.database, f"{word} Vinegar 750 ml")
    by_number = await a_product(watch.database, "Something else", ean="96385074")
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET is_match_due = false")
    rows = f"id,title,price,gtin\nA,{word} olive oil 2 x 500 ml,9 EUR,\nB,Nothing like it,9 EUR,\n".encode()
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, rows)
    source = await watch.source("feed", {"format": "csv", "url": shop.url("/f")})
    assert await watch.turn(source) == "ok"
    assert await propose_matches(watch.database, watch.reader) == 2
    assert await propose_matches(watch.database, watch.reader) == 0
    listings = {each.external_id: each for each in await watch.listings(source)}
    assert {name: each.match_state for name, each in listings.items()} == {"A": "proposed", "B": "unmatched"}
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET looked_at = now() - interval '2 days'")
    await sweep_competitors(watch.database, observation_days=30, fetch_days=30)
    assert await propose_matches(watch.database, watch.reader) > 0  # a day later, for products that are new
    assert {each.external_id: each for each in await watch.listings(source)} == listings
    best = listings["A"].proposals[0]
    assert (best.product_id, str(best.units)) == (right, "2")
    assert listings["A"].product_id is None
    # What was looked for in vain is looked for again when it is called otherwise, and then has a number.
    rows = b"id,title,price,gtin\nB,Nothing like it,9 EUR,96385074\n"
    assert await watch.turn(source) == "ok"
    assert {each.external_id: each.product_id for each in await watch.listings(source)} == {"A": None, "B": by_number}
