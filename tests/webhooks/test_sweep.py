"""What is old goes, secrets follow the keys; source: docs/spec/webhooks.md#deliveries, #signatures."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.outbox import forget_customer_of_events, publish
from quote_service.platform.settings import Key
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.platform.webhooks.model.endpoints import ENDPOINTS_MAX, Endpoint, EndpointPatch
from quote_service.platform.webhooks.operations.secret_seal import SealedSecret, SecretLost, SecretSeal
from quote_service.platform.webhooks.operations.sweep_webhooks import reseal, sweep_webhooks
from quote_service.platform.webhooks.operations.write_endpoint import change_endpoint, delete_endpoint, rotate_secret
from tests.webhooks.receiver import receiving
from tests.webhooks.sending import SEAL, Shop, an_author, sending

KEEP_DAYS = 30
OLD_KEY, NEW_KEY = Key("k1", b"1" * 32), Key("k2", b"2" * 32)


async def ended(shop: Shop, endpoint: Endpoint, state: str, days: float) -> None:
    """Every delivery ended so, so long ago."""
    await shop.sql(
        """UPDATE webhook_deliveries SET state = $2, due_at = NULL, ended_at = now() - make_interval(secs => $3 * 86400)
        WHERE endpoint_id = $1""",
        endpoint.id,
        state,
        days,
    )


async def events(shop: Shop) -> int:
    (row,) = await shop.sql("SELECT count(*) AS events FROM webhook_events")
    return int(row["events"])


@pytest.mark.parametrize(
    ("state", "days", "left"),
    [("delivered", 6.9, 1), ("delivered", 7.1, 0), ("parked", 7.1, 1), ("parked", 29.9, 1), ("parked", 30.1, 0)],
)
async def test_old_deliveries_go_with_their_events(shop: Shop, state: str, days: float, left: int) -> None:
    endpoint = await shop.endpoint("https://shop.example/")
    await shop.publish()
    await ended(shop, endpoint, state, days)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert len(await shop.deliveries(endpoint)) == left
    assert await events(shop) == left


async def test_an_event_stays_as_long_as_another_delivery_needs_it(shop: Shop) -> None:
    first, second = await shop.endpoint("https://shop.example/1"), await shop.endpoint("https://shop.example/2")
    await shop.publish()
    await ended(shop, first, "delivered", 90)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert (len(await shop.deliveries(first)), len(await shop.deliveries(second)), await events(shop)) == (0, 1, 1)
    await ended(shop, second, "delivered", 90)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert await events(shop) == 0


async def test_a_deleted_endpoint_leaves_nothing(shop: Shop) -> None:
    endpoint = await shop.endpoint("https://shop.example/")
    await shop.publish(3)
    async with shop.database.transaction() as connection:
        await delete_endpoint(Change.within(connection, an_author()), endpoint.id, UNCONDITIONAL)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert await events(shop) == 0
    (row,) = await shop.sql("SELECT secret FROM webhook_endpoints")
    assert row["secret"] == b""
    await shop.sql("UPDATE webhook_endpoints SET deleted_at = now() - interval '2 hours'")
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert await shop.sql("SELECT 1 FROM webhook_endpoints") == []


async def test_what_has_no_turn_within_its_day_is_parked(shop: Shop) -> None:
    failing, working = await shop.endpoint("https://shop.example/1"), await shop.endpoint("https://shop.example/2")
    await shop.publish(2)
    await shop.sql("UPDATE webhook_deliveries SET give_up_at = now() - interval '1 minute'")
    await shop.sql("UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1", failing.id)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    assert {each.state for each in await shop.deliveries(failing)} == {"parked"}
    assert {each.state for each in await shop.deliveries(working)} == {"pending"}  # nobody has tried them yet


async def test_what_is_reported_while_an_endpoint_is_disabled_at_the_same_time_is_parked(shop: Shop) -> None:
    endpoint = await shop.endpoint("https://shop.example/")
    async with shop.database.transaction() as reporting:
        await publish(reporting, "rate.created", "late", b"{}")
        async with shop.database.transaction() as connection:
            patch = EndpointPatch(is_enabled=False)
            await change_endpoint(Change.within(connection, an_author()), endpoint.id, patch, UNCONDITIONAL)
    assert (await shop.delivery(endpoint)).state == "pending"
    async with sending(shop.database):  # which sends nothing to what is disabled
        await sweep_webhooks(shop.database, KEEP_DAYS)
    delivery = await shop.delivery(endpoint)
    assert (delivery.state, delivery.attempts) == ("parked", 0)


async def test_secrets_are_sealed_anew_with_the_first_key(shop: Shop) -> None:
    async with receiving() as receiver:
        plain = await shop.endpoint(receiver.url("/plain"))
        rotated = await shop.endpoint(receiver.url("/rotated"))
        async with shop.database.transaction() as connection:
            renewed = await rotate_secret(Change.within(connection, an_author()), rotated.id, 3600, SEAL, UNCONDITIONAL)
        before = {row["secret"] for row in await shop.sql("SELECT secret FROM webhook_endpoints")}
        await reseal(shop.database, SecretSeal((NEW_KEY, OLD_KEY)))
        rows = await shop.sql("SELECT secret, secret_key_id, former_secret_key_id FROM webhook_endpoints ORDER BY id")
        assert [(row["secret_key_id"], row["former_secret_key_id"]) for row in rows] == [("k2", None), ("k2", "k2")]
        assert before.isdisjoint(row["secret"] for row in rows)
        await reseal(shop.database, SecretSeal((OLD_KEY, NEW_KEY)))  # and back, for the senders of this test
        await shop.publish()
        async with sending(shop.database):
            (to_plain,), (to_rotated,) = await asyncio.gather(
                receiver.until(1, "/plain"), receiver.until(1, "/rotated")
            )
        Webhook(plain.secret).verify(to_plain.body, to_plain.headers)
        for secret in (rotated.secret, renewed.secret):
            Webhook(secret).verify(to_rotated.body, to_rotated.headers)


async def test_a_secret_whose_key_is_gone_fails_its_deliveries_and_says_so(shop: Shop) -> None:
    endpoint = await shop.endpoint("http://127.0.0.1:1024/")
    await shop.sql("UPDATE webhook_endpoints SET secret_key_id = 'gone'")
    await reseal(shop.database, SEAL)  # changes nothing
    await shop.publish()
    async with sending(shop.database):
        delivery = await shop.until_attempts(endpoint, 1)
    assert delivery.last_error == "The secret cannot be opened any more; rotate it"


async def test_what_is_reported_of_a_customer_after_the_erasure_has_no_reference(shop: Shop) -> None:
    await shop.endpoint("https://shop.example/")
    erased = uuid4()
    await shop.sql(
        """INSERT INTO customers (id, is_active, created_by, created_at, changed_by, updated_at, erased_at)
        VALUES ($1, false, 't', now(), 't', now(), now())""",
        erased,
    )
    async with shop.database.transaction() as connection:
        await publish(connection, "quote.accepted", "q", b'{"external_ref":"Ayse"}', customer_id=erased)
    (row,) = await shop.sql("SELECT data::text AS data, customer_id FROM webhook_events")
    assert (row["data"], row["customer_id"]) == ('{"external_ref": null}', None)


def test_a_sealed_secret_opens_for_its_own_endpoint_alone() -> None:
    mine, other = uuid4(), uuid4()
    sealed = SEAL.seal(mine, b"secret")
    assert SEAL.open(mine, sealed) == b"secret"
    assert b"secret" not in sealed.text
    for endpoint_id, text in ((other, sealed.text), (mine, sealed.text[:-1] + bytes([sealed.text[-1] ^ 1]))):
        with pytest.raises(SecretLost):
            SEAL.open(endpoint_id, SealedSecret(text, sealed.key_id))


async def test_former_secrets_are_forgotten(shop: Shop) -> None:
    endpoint = await shop.endpoint("https://shop.example/")
    async with shop.database.transaction() as connection:
        await rotate_secret(Change.within(connection, an_author()), endpoint.id, 3600, SEAL, UNCONDITIONAL)
    await sweep_webhooks(shop.database, KEEP_DAYS)
    (row,) = await shop.sql("SELECT former_secret FROM webhook_endpoints")
    assert row["former_secret"] is not None
    await shop.sql("UPDATE webhook_endpoints SET former_secret_until = now()")
    assert (await shop.read(endpoint.id)).former_secret_until is None
    await sweep_webhooks(shop.database, KEEP_DAYS)
    (row,) = await shop.sql("SELECT former_secret, former_secret_key_id FROM webhook_endpoints")
    assert (row["former_secret"], row["former_secret_key_id"]) == (None, None)


async def test_there_are_only_so_many_endpoints(shop: Shop) -> None:
    for place in range(ENDPOINTS_MAX - 1):
        await shop.endpoint(f"https://shop.example/{place}")
    made = await asyncio.gather(*(shop.endpoint("https://shop.example/") for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["NewEndpoint", "TooManyEndpoints", "TooManyEndpoints"]


async def test_an_erased_customer_leaves_no_reference(shop: Shop) -> None:
    await shop.endpoint("https://shop.example/")
    customer, other = uuid4(), uuid4()
    for whose in (customer, other):
        async with shop.database.transaction() as connection:
            data = b'{"external_ref":"Ayse","total_amount":10.00}'
            await publish(connection, "quote.accepted", "q", data, customer_id=whose)
    async with shop.database.transaction() as connection:
        await publish(connection, "order.placed", "o", b'{"total":1.50}', customer_id=customer)
        await forget_customer_of_events(connection, customer)
    rows = await shop.sql("SELECT data::text AS data, customer_id FROM webhook_events ORDER BY id")
    assert [row["customer_id"] for row in rows] == [None, other, None]
    assert [row["data"].replace(" ", "") for row in rows] == [
        '{"external_ref":null,"total_amount":10.00}',
        '{"external_ref":"Ayse","total_amount":10.00}',
        '{"total":1.50}',
    ]
