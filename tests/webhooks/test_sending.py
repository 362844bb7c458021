"""Deliveries that arrive, and those that do not; source: docs/spec/webhooks.md#deliveries."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.webhooks.model.deliveries import JITTER, PAUSES_SECONDS, pause_seconds
from quote_service.platform.webhooks.operations.send_deliveries import TO_ONE_ENDPOINT
from tests.conftest import eventually
from tests.webhooks.receiver import answer, receiving
from tests.webhooks.sending import Shop, sending


async def test_an_event_arrives_as_a_signed_cloud_event(shop: Shop) -> None:
    async with receiving() as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        (subject,) = await shop.publish(data='{"rate":10.00,"name":"Ä"}')
        (request,) = await receiver.until(1)
        assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        Webhook(endpoint.secret).verify(request.body, request.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(endpoint.secret).verify(request.body.replace(b"10.00", b"99.00"), request.headers)
        assert b'"data":{"rate":10.00,"name":"\xc3\x84"}' in request.body
        event = request.event
        time = datetime.fromisoformat(event.pop("time"))
        assert timedelta(0) <= datetime.now(UTC) - time < timedelta(minutes=5)
        assert event == {
            "specversion": "1.0",
            "id": request.id,
            "source": "/shop",
            "type": "rate.created",
            "subject": subject,
            "datacontenttype": "application/json",
            "data": {"rate": 10.0, "name": "Ä"},
        }
        await shop.until_state(endpoint, "delivered")
        delivery = await shop.delivery(endpoint)
        assert (delivery.attempts, delivery.last_status, delivery.last_error) == (1, 204, None)
        assert delivery.next_attempt_at is None
        assert delivery.ended_at is not None


async def test_a_failed_attempt_is_made_again_later_with_the_same_id(shop: Shop) -> None:
    async with receiving(answers=lambda _: answer(500, b"out of \0 order")) as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        for attempt, pause in enumerate((*PAUSES_SECONDS, PAUSES_SECONDS[-1]), 1):
            delivery = await shop.until_attempts(endpoint, attempt)
            assert delivery.state == "pending"
            assert delivery.next_attempt_at is not None
            assert delivery.last_attempt_at is not None
            waits = (delivery.next_attempt_at - delivery.last_attempt_at).total_seconds()
            assert pause * (1 - JITTER) <= waits <= pause * (1 + JITTER)
            assert (delivery.last_status, delivery.last_error) == (500, "The endpoint answered 500")
            assert delivery.last_answer == "out of  order"
            await shop.make_due(endpoint)
        receiver.answers = lambda _: answer(200)
        await shop.until_state(endpoint, "delivered")
        assert len(set(receiver.ids())) == 1
        assert (await shop.delivery(endpoint)).attempts == len(receiver.requests)


def test_pauses_are_spread() -> None:
    assert pause_seconds(1, 0.0) == PAUSES_SECONDS[0] * (1 - JITTER)
    assert pause_seconds(1, 1.0) == PAUSES_SECONDS[0] * (1 + JITTER)
    assert pause_seconds(99, 0.5) == PAUSES_SECONDS[-1]


async def test_what_failed_for_a_day_is_parked(shop: Shop) -> None:
    async with receiving(answers=lambda _: answer(404)) as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        await shop.until_attempts(endpoint, 1)
        # A pause that would end after the day is cut short, so that the last attempt is at its end.
        await shop.sql(
            "UPDATE webhook_deliveries SET due_at = now(), give_up_at = now() + interval '1 hour', attempts_in_row = 90"
        )
        delivery = await shop.until_attempts(endpoint, 2)
        assert delivery.state == "pending"
        (row,) = await shop.sql("SELECT give_up_at FROM webhook_deliveries")
        assert delivery.next_attempt_at == row["give_up_at"]
        await shop.sql("UPDATE webhook_deliveries SET due_at = now(), give_up_at = now()")
        await shop.until_state(endpoint, "parked")
        delivery = await shop.delivery(endpoint)
        assert delivery.attempts == 3
        assert delivery.next_attempt_at is None


@pytest.mark.parametrize(("status", "expected"), [(429, 7000.0), (503, 7000.0), (500, None)])
async def test_an_endpoint_may_say_when_to_come_again(shop: Shop, status: int, expected: float | None) -> None:
    async with receiving(answers=lambda _: answer(status, Retry_After="7000")) as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        delivery = await shop.until_attempts(endpoint, 1)
        assert delivery.next_attempt_at is not None
        assert delivery.last_attempt_at is not None
        waits = (delivery.next_attempt_at - delivery.last_attempt_at).total_seconds()
        assert waits == pytest.approx(expected) if expected else waits < 10


@pytest.mark.parametrize("given", ["reset", "hang", "redirect"])
async def test_each_way_to_fail_is_reported(shop: Shop, given: str) -> None:
    async with receiving() as elsewhere, receiving() as receiver, sending(shop.database, timeout_seconds=0.3):
        body = {"reset": None, "hang": b"", "redirect": answer(302, Location=elsewhere.url())}[given]
        receiver.answers = lambda _: body
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        delivery = await shop.until_attempts(endpoint, 1)
        words = {"reset": "ended before an answer", "hang": "No answer within 0.3 s", "redirect": "not followed"}
        assert words[given] in (delivery.last_error or "")
        assert elsewhere.connections == 0


async def test_nothing_is_sent_to_an_address_that_is_not_public(shop: Shop) -> None:
    async with receiving() as receiver, sending(shop.database, networks=Networks()):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        delivery = await shop.until_attempts(endpoint, 1)
        assert delivery.last_error == "The address is not a public one"
        assert receiver.connections == 0


async def test_an_endpoint_that_is_gone_is_disabled_and_that_is_reported(shop: Shop) -> None:
    async with receiving(answers=lambda _: answer(410)) as receiver, sending(shop.database):
        gone = await shop.endpoint(receiver.url())
        other = await shop.endpoint(receiver.url("/other"), "webhook.disabled")
        receiver.answers = lambda request: answer(200 if request.path == "/other" else 410)
        await shop.publish(3)
        (reported,) = await receiver.until(1, "/other")
        assert reported.event["data"]["id"] == str(gone.id)
        assert reported.event["data"]["disabled_reason"] == "gone"
        assert '"secret"' not in json.dumps(reported.event)
        endpoint = await shop.read(gone.id)
        assert (endpoint.is_enabled, endpoint.disabled_reason, endpoint.version) == (False, "gone", 2)
        assert await shop.audit(gone) == [("webhook.create", "test"), ("webhook.disable", "webhooks")]
        assert {each.state for each in await shop.deliveries(gone)} == {"parked"}
        await shop.publish()
        await shop.until_state(other, "delivered")
        assert len(await shop.deliveries(gone)) == 3  # nothing is written for it any more


async def test_an_endpoint_that_fails_for_days_is_disabled(shop: Shop) -> None:
    async with receiving(answers=lambda _: answer(500)) as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        await shop.until_attempts(endpoint, 1)
        assert (await shop.read(endpoint.id)).failing_since is not None
        await shop.sql("UPDATE webhook_endpoints SET failing_since = now() - interval '71 hours'")
        await shop.make_due(endpoint)
        await shop.until_attempts(endpoint, 2)
        assert (await shop.read(endpoint.id)).is_enabled
        await shop.sql("UPDATE webhook_endpoints SET failing_since = now() - interval '73 hours'")
        await shop.make_due(endpoint)
        await shop.until_state(endpoint, "parked")
        disabled = await shop.read(endpoint.id)
        assert (disabled.is_enabled, disabled.disabled_reason) == (False, "failing")


async def test_a_success_ends_the_days_of_failure(shop: Shop) -> None:
    async with receiving(answers=lambda _: answer(500)) as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        await shop.until_attempts(endpoint, 1)
        await shop.sql("UPDATE webhook_endpoints SET failing_since = now() - interval '90 days'")
        receiver.answers = lambda _: answer(200)
        await shop.make_due(endpoint)
        await shop.until_state(endpoint, "delivered")
        assert (await shop.read(endpoint.id)).failing_since is None


async def test_an_endpoint_that_hangs_delays_no_other_and_gets_no_more_than_its_share(shop: Shop) -> None:
    async with receiving(hanging=True) as hanging, receiving() as receiver, sending(shop.database):
        slow, quick = await shop.endpoint(hanging.url()), await shop.endpoint(receiver.url())
        await shop.publish(100)
        await shop.until_state(quick, "delivered", 100)
        assert hanging.under_way == TO_ONE_ENDPOINT
        hanging.hanging = False
        hanging.released.set()
        await shop.until_state(slow, "delivered", 100)
        assert hanging.most_at_once == TO_ONE_ENDPOINT


async def test_one_at_a_time_goes_to_an_endpoint_that_fails(shop: Shop) -> None:
    async with receiving(hanging=True) as receiver:
        endpoint = await shop.endpoint(receiver.url())
        await shop.sql("UPDATE webhook_endpoints SET failing_since = now()")
        await shop.publish(20)
        async with sending(shop.database):
            await receiver.until(1)
            receiver.answers = lambda _: answer(500)
            receiver.hanging = False
            receiver.released.set()
            await eventually(lambda: len(receiver.requests) >= 10, "the others have their turn")
        assert receiver.most_at_once == 1
        assert len(await shop.deliveries(endpoint)) == 20


async def test_many_senders_send_each_delivery_once(shop: Shop) -> None:
    async with receiving() as receiver, sending(shop.database, count=4):
        endpoint = await shop.endpoint(receiver.url())
        for _ in range(10):
            await shop.publish(30)
        await shop.until_state(endpoint, "delivered", 300)
    assert sorted(Counter(receiver.ids()).values()) == [1] * 300


async def test_a_delivery_whose_sender_was_not_heard_of_is_sent_by_another(shop: Shop) -> None:
    async with receiving(hanging=True) as receiver:
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        async with sending(shop.database, claim_seconds=0.2):
            await receiver.until(1)
            receiver.answers = lambda _: answer(204)
            receiver.hanging = False  # for those that come from now on
            async with sending(shop.database):
                await receiver.until(2)
                await shop.until_state(endpoint, "delivered")
            receiver.released.set()
        assert len(set(receiver.ids())) == 1
        assert (await shop.delivery(endpoint)).state == "delivered"


async def test_a_failure_that_comes_too_late_changes_nothing(shop: Shop) -> None:
    """A sender that is slower than its claim must not undo what another has settled since."""
    async with receiving(hanging=True, answers=lambda _: answer(500)) as receiver:
        endpoint = await shop.endpoint(receiver.url())
        await shop.publish()
        async with sending(shop.database, claim_seconds=0.2):
            await receiver.until(1)
            receiver.hanging = False
            receiver.answers = lambda _: answer(204)
            await receiver.until(2)
            await shop.until_state(endpoint, "delivered")
            receiver.answers = lambda _: answer(500)
            receiver.released.set()
        assert (await shop.delivery(endpoint)).state == "delivered"


async def test_what_is_under_way_is_finished_when_a_sender_stops(shop: Shop) -> None:
    """However often it is told to: a process tells its loops again and again until they have ended."""
    async with receiving(hanging=True) as receiver:
        endpoint = await shop.endpoint(receiver.url())
        async with sending(shop.database) as (sender,):
            await shop.publish()
            await receiver.until(1)
            stopping = asyncio.create_task(end_tasks([sender]))
            await eventually(lambda: sender.cancelling() >= 2, "it is told twice")
            receiver.released.set()
            await stopping
        assert (await shop.delivery(endpoint)).state == "delivered"


async def test_database_errors_in_between_lose_nothing(shop: Shop) -> None:
    async with receiving() as receiver, sending(shop.database):
        endpoint = await shop.endpoint(receiver.url())
        for _ in range(5):
            await shop.publish(20)
            await shop.sql(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
            )
            await shop.make_due(endpoint)
        await shop.until_state(endpoint, "delivered", 100)
        assert len(set(receiver.ids())) == 100
