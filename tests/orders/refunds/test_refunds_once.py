"""Refunds that are sent twice, at once, or beside what else is done to their order.

Source: docs/spec/refunds.md; docs/spec/orders.md#life.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

from tests.catalog.shop import pointers, problem
from tests.orders.refunds.counter import ORDERS, RefundCounter, exact
from tests.orders.refunds.one_line import figures, units


def test_a_refund_happens_once_however_often_it_is_sent(counter: RefundCounter) -> None:
    order, key = counter.order(figures()), uuid4().hex
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: counter.refund(order, key, lines=units(1)), range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    first, again = counter.refund(order, key, lines=units(1)), counter.refund(order, key, lines=units(1))
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert len(counter.refunds(order)) == 1
    assert problem(counter.refund(order, key, lines=units(2))) == (422, "idempotency-key-reused")
    other = counter.order(figures())
    assert problem(counter.refund(other, key, lines=units(1))) == (422, "idempotency-key-reused")
    assert counter.refunds(other) == []


def test_a_refund_needs_a_key_and_a_dry_run_does_not(counter: RefundCounter) -> None:
    order = counter.order(figures())
    refused = counter.post(f"{ORDERS}/{order.id}/refunds", {"lines": units(1)})
    assert problem(refused) == (400, "idempotency-key-missing")
    for wrong in ("yes", "2", ""):
        answer = counter.http.post(f"{ORDERS}/{order.id}/refunds", params={"dry_run": wrong}, json={"lines": units(1)})
        assert pointers(answer) == ["/query/dry_run"]
    answer = counter.http.post(f"{ORDERS}/{order.id}/refunds", params={"dryrun": "true"}, json={"lines": units(1)})
    assert pointers(answer) == ["/query/dryrun"]
    # A key that a dry run names is not used up by it.
    key = {"Idempotency-Key": uuid4().hex}
    path = f"{ORDERS}/{order.id}/refunds"
    dry = counter.http.post(path, params={"dry_run": "true"}, json={"lines": units(1)}, headers=key)
    assert dry.status_code == 200
    assert counter.post(path, {"lines": units(1)}, **key).status_code == 201


def test_of_refunds_of_the_last_unit_at_once_one_is_made(counter: RefundCounter) -> None:
    order = counter.order(figures(3))
    assert counter.refund(order, lines=units(2)).status_code == 201
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: counter.refund(order, lines=units(1), delivery="full"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"refund-exceeds-order"}
    assert counter.status(order) == "refunded"
    assert counter.balances(order.customer_id) == {}


def test_refunds_at_once_add_up(counter: RefundCounter) -> None:
    seller = uuid4()
    order = counter.order(figures(12, seller=seller))
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: counter.refund(order, lines=units(1), delivery="proportional"), range(14)))
    assert sorted(answer.status_code for answer in answers) == [201] * 12 + [409] * 2
    refunds = counter.refunds(order)
    assert [refund["number"] for refund in refunds] == list(range(1, 13))
    made = [exact(answer) for answer in answers if answer.status_code == 201]
    assert sum(refund["total_amount"] for refund in made) * 100 == order.figures.total_minor
    assert sum(refund["fees"]["delivery_fee"] for refund in made) == Decimal("14.99")
    assert counter.balances(order.customer_id) == {}
    assert counter.balances(seller)["commission"] == Decimal("0.99")


def test_of_a_refund_and_a_cancellation_at_once_one_wins(counter: RefundCounter) -> None:
    outcomes = set()
    for _ in range(6):
        order = counter.order(figures())
        with ThreadPoolExecutor(2) as threads:
            refund = threads.submit(counter.refund, order, lines=units(3), delivery="full")
            cancel = threads.submit(counter.post, f"{ORDERS}/{order.id}/cancel", {})
        codes = refund.result().status_code, cancel.result().status_code
        assert codes in ((201, 409), (409, 200)), (refund.result().text, cancel.result().text)
        outcomes.add(codes)
        lost = refund.result() if codes[0] == 409 else cancel.result()
        assert problem(lost) == (409, "order-state")
        assert lost.json()["order_status"] == counter.status(order)
        assert counter.status(order) == ("refunded" if codes[0] == 201 else "cancelled")
        assert counter.balances(order.customer_id) == {}


def test_a_cancelled_order_is_not_refunded(counter: RefundCounter) -> None:
    order = counter.order(figures())
    assert counter.post(f"{ORDERS}/{order.id}/cancel", {}).status_code == 200
    for answer in (counter.refund(order, lines=units(1)), counter.preview(order, lines=units(1))):
        assert problem(answer) == (409, "order-state")
        assert answer.json()["order_status"] == "cancelled"


def test_an_order_is_fulfilled_between_refunds(counter: RefundCounter) -> None:
    order = counter.order(figures())
    assert counter.refund(order, lines=units(1)).status_code == 201
    fulfilled = counter.post(f"{ORDERS}/{order.id}/fulfil", {})
    assert (fulfilled.status_code, fulfilled.json()["data"]["status"]) == (200, "partly_refunded")
    assert problem(counter.post(f"{ORDERS}/{order.id}/cancel", {})) == (409, "order-state")
    assert exact(counter.refund(order, lines=units(2), delivery="full"))["order_status"] == "refunded"
