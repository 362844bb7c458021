"""What a quote notes of experiments: nothing where no flag is watched, and failures too where one is.

Source: docs/spec/experiments.md#exposures; docs/spec/experiments.md#outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.platform.system.errors import QuoteServiceError, TimedOut, Unavailable
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from tests.http.protocol.driven import HandLoop
from tests.pricing.flags.flags import draft
from tests.quotes.fast_path.test_issuer_and_sales import Issuer, a_basket
from tests.quotes.fast_path.test_mistakes_of_askers import Asked, request_of

FLAG = "0199a1b2-0000-7000-8000-0000000000f1"
ARMS = [{"key": "a", "value": True, "weight": 1}, {"key": "b", "value": False, "weight": 1}]


@pytest.fixture
def loop() -> Iterator[HandLoop]:
    opened = HandLoop()
    yield opened
    opened.close()


def issuer_with(rollout: dict[str, Any] | None, version: int = 1) -> Issuer:
    issuer = Issuer()
    follow(issuer, rollout, version)
    return issuer


def follow(issuer: Issuer, rollout: dict[str, Any] | None, version: int) -> None:
    rulebook = empty_rulebook()
    rulebook.flags[FLAG] = StoredFlag(
        id=FLAG, version=version, draft=draft(rollout), is_archived=False, changed_in=version
    )
    rulebook.version = version
    issuer.holder.rulebook = rulebook
    issuer.holder.edition += 1


def ask(issuer: Issuer, loop: HandLoop, *, fails: bool = False) -> Asked:
    return request_of(issuer, QuoteLimiter(loop, 2, 5), loop, write_document(a_basket(0)), fails=fails)


def noted(issuer: Issuer) -> tuple[list[tuple[str, int, str]], dict[str, tuple[int, int]]]:
    exposures, outcomes = issuer.issuer.exposures.take()
    who = {customer_id for exposed in exposures for customer_id in exposed.customer_ids}
    who.update(customer_id for customers in outcomes.values() for customer_id in customers)
    assert who <= {a_basket(0)["customer_id"]}
    return (
        [
            (flag.epoch[0], flag.epoch[1], flag.arms[int(place)][0])
            for exposed in exposures
            for code in exposed.codes
            for flag, place in zip(exposed.flags, code.split("."), strict=True)
            if place
        ],
        {
            metric: (outcome.observations, outcome.total)
            for metric, customers in outcomes.items()
            for outcome in customers.values()
        },
    )


@pytest.mark.parametrize("rollout", [None, {"customer_tiers": ["gold"]}, {"percentage": 100}], ids=str)
def test_where_nobody_is_compared_nothing_is_noted(loop: HandLoop, rollout: dict[str, Any] | None) -> None:
    issuer = issuer_with(rollout)
    ask(issuer, loop).request.run()
    assert noted(issuer) == ([], {})
    assert issuer.issuer.exposures.exposed == 0


def test_a_quote_notes_arm_price_and_latency(loop: HandLoop) -> None:
    issuer = issuer_with({"variants": ARMS})
    ask(issuer, loop).request.run()
    exposures, outcomes = noted(issuer)
    ((flag, version, arm),) = exposures
    assert (flag, version, arm in ("a", "b")) == (FLAG, 1, True)
    assert outcomes["price.TRY"] == (1, 50_000_000)
    assert outcomes.keys() == {"price.TRY", "latency_ms"}
    ask(issuer, loop).request.run()  # the same bytes: found, and nothing is evaluated
    assert noted(issuer) == ([], {})
    follow(issuer, {"variants": ARMS}, 2)
    ask(issuer, loop).request.run()
    assert noted(issuer)[0] == [(FLAG, 2, arm)]


def test_a_mistake_is_an_error_of_its_customer(loop: HandLoop) -> None:
    issuer = issuer_with({"variants": ARMS})
    asked = ask(issuer, loop, fails=True)
    asked.request.run()
    assert str(asked.future.exception()) == "as ordered"
    exposures, outcomes = noted(issuer)
    assert len(exposures) == 1
    assert outcomes["error"] == (1, 1_000_000)


@pytest.mark.parametrize(
    ("refusal", "metrics"), [(Unavailable("away"), {"error"}), (QuoteServiceError("of the request"), set())]
)
def test_a_refusal_of_ours_is_an_error(loop: HandLoop, refusal: QuoteServiceError, metrics: set[str]) -> None:
    issuer = issuer_with({"variants": ARMS})
    asked = ask(issuer, loop).request
    asked.expose_unread()
    asked.refuse(refusal)
    exposures, outcomes = noted(issuer)
    assert (len(exposures), set(outcomes)) == (1, metrics)


def test_who_waits_in_vain_has_a_timeout(loop: HandLoop) -> None:
    issuer, limiter = issuer_with({"variants": ARMS}), QuoteLimiter(loop, 1, 5)
    assert limiter.try_enter()
    asked = request_of(issuer, limiter, loop, write_document(a_basket(0)), deadline=loop.time() + 1)
    asked.request.run()
    assert limiter.waiting == 1
    loop.pass_time(2)
    assert isinstance(asked.request.error, TimedOut)
    exposures, outcomes = noted(issuer)
    assert len(exposures) == 1
    assert outcomes == {"timeout": (1, 1_000_000)}
