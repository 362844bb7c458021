"""Erasing a customer who buys at that moment, or whom somebody else erases too.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from tests.conftest import eventually
from tests.customers.erasing import ADDRESS, PSEUDONYM, REFERENCE, accepted_quote, accepted_row, erased, tables_with
from tests.customers.people import CUSTOMERS, People, place_of
from tests.quotes.lifecycle.shop import Shop


def test_what_is_accepted_afterwards_is_accepted_for_nobody(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    coupon = shop.add_coupon(usage_limit_per_customer=5)
    issued = shop.quote(customer_id=customer, delivery_address=ADDRESS, external_ref=REFERENCE, coupon_codes=[coupon])
    erased(people, customer)
    assert shop.accept(issued["quote_id"]).status_code == 200
    row = accepted_row(people, issued["quote_id"])
    assert (row["customer_id"], row["external_ref"], row["request"]) == (None, None, None)
    assert json.loads(row["data"])["external_ref"] is None
    assert people.sql("SELECT customer_id FROM coupon_uses WHERE quote_id = $1", issued["quote_id"]) == [
        {"customer_id": None}
    ]


@pytest.mark.long("three races of sixteen acceptances with an erasure")
def test_of_quotes_accepted_at_that_moment_none_keeps_the_customer(people: People, shop: Shop) -> None:
    for _ in range(3):
        customer = people.customer()["id"]
        issued = [
            shop.quote(customer_id=customer, delivery_address=ADDRESS, external_ref=f"cart {place}")
            for place in range(16)
        ]
        with ThreadPoolExecutor(9) as pool:
            accepting = [pool.submit(shop.accept, quote["quote_id"]) for quote in issued[:8]]
            erasing = pool.submit(people.http.delete, f"{CUSTOMERS}/{customer}")
            accepting += [pool.submit(shop.accept, quote["quote_id"]) for quote in issued[8:]]
            quoting = [pool.submit(shop.quote, customer_id=customer) for _ in range(8)]
        assert erasing.result().status_code == 204
        assert {answer.result().status_code for answer in accepting} == {200}
        assert {answer.result()["total_amount"] for answer in quoting} == {51}
        ids = [quote["quote_id"] for quote in issued]
        kept = people.sql(
            "SELECT quote_id FROM accepted_quotes WHERE quote_id = ANY ($1) AND num_nonnulls(customer_id, external_ref, request) > 0",
            ids,
        )
        assert kept == []
        assert tables_with(people, customer) <= PSEUDONYM


def test_of_two_who_erase_at_once_both_have(people: People, shop: Shop) -> None:
    customer = people.customer()
    accepted_quote(shop, customer["id"])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(people.http.delete, [place_of(customer)] * 4))
    assert {answer.status_code for answer in answers} == {204}
    assert [row["action"] for row in people.audited(customer["id"])] == ["customer.create", "customer.erase"]


def test_an_erasure_waits_for_a_quote_that_is_being_accepted(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    quote_id = accepted_quote(shop, customer, external_ref="cart 7")["quote_id"]
    copied = """
        INSERT INTO accepted_quotes
        SELECT (jsonb_populate_record(quote, jsonb_build_object('quote_id', gen_random_uuid()))).*
        FROM accepted_quotes AS quote WHERE quote_id = $1 RETURNING quote_id::text
    """
    waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async def accept_and_erase() -> tuple[str, int]:
        accepting = await asyncpg.connect(people.database_url)
        watching = await asyncpg.connect(people.database_url)
        try:
            async with accepting.transaction():
                accepted = await accepting.fetchval(copied, quote_id)
                erasing = asyncio.create_task(asyncio.to_thread(people.http.delete, f"{CUSTOMERS}/{customer}"))

                async def has_come_to_it() -> bool:
                    return erasing.done() or bool(await watching.fetch(waiting))

                await eventually(has_come_to_it, "the erasure waits")
                assert not erasing.done(), "it did not wait"
            return accepted, (await erasing).status_code
        finally:
            await accepting.close()
            await watching.close()

    accepted, status = asyncio.run(accept_and_erase())
    assert status == 204
    row = accepted_row(people, accepted)
    assert (row["customer_id"], row["external_ref"], row["request"]) == (None, None, None)
