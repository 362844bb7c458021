"""Refunds over HTTP.

Source: docs/spec/refunds.md.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.catalog.shop import pointers, problem
from tests.orders.refunds.any_order import RATES, RULES, a_line, an_order
from tests.orders.refunds.counter import ORDERS, RefundCounter, exact
from tests.orders.refunds.golden_cases import NAMES, read_case
from tests.orders.refunds.one_line import figures, units


def test_a_refund_is_shown_whole(counter: RefundCounter) -> None:
    seller = uuid4()
    order = counter.order(figures(seller=seller))
    answer = counter.refund(order, lines=units(1), delivery="proportional", reason="Too small")
    assert answer.status_code == 201, answer.text
    made = exact(answer)
    refund_id, at = made.pop("id"), made.pop("refunded_at")
    assert made == {
        "order_id": str(order.id),
        "number": 1,
        "order_status": "partly_refunded",
        "currency": "TRY",
        "total_amount": Decimal("42.05"),
        "delivery": "proportional",
        "lines": [
            {
                "line_id": 1,
                "product_id": str(order.figures.lines[0].product_id),
                "variant_id": None,
                "seller_id": str(seller),
                "quantity": 1,
                "goods_amount": Decimal("30.04"),
                "tax_amount": Decimal("6.01"),
                "tax_included": False,
                "discounts": [
                    {
                        "rule_id": str(RULES[0]),
                        "amount": Decimal("3.33"),
                        "seller_funded": Decimal("1.33"),
                        "platform_funded": Decimal("2.00"),
                    }
                ],
                "commissions": [
                    {
                        "rate_id": str(RATES[0]),
                        "amount": Decimal("4.81"),
                        "seller_commission": Decimal("4.81"),
                        "category_commission": Decimal("0.00"),
                        "logistics_commission": Decimal("0.00"),
                    }
                ],
            }
        ],
        "fees": {
            "delivery_fee": Decimal("5.00"),
            "small_basket_fee": Decimal("0.00"),
            "tax_amount": Decimal("1.00"),
            "tax_included_amount": Decimal("0.00"),
        },
        "sellers": [
            {
                "seller_id": str(seller),
                "goods_amount": Decimal("30.04"),
                "platform_discount": Decimal("2.00"),
                "commission": Decimal("4.81"),
                "commission_tax": Decimal("0.96"),
                "commission_tax_included": False,
                "payout_change": Decimal("-26.27"),
            }
        ],
        "restock": False,
        "reason": "Too small",
        "actor": made["actor"],
    }
    assert answer.headers["location"] == f"{ORDERS}/{order.id}/refunds/{refund_id}"
    assert counter.http.get(answer.headers["location"]).json()["data"] == answer.json()["data"]
    assert counter.refunds(order) == [answer.json()["data"]]
    assert at.endswith("Z")
    assert counter.status(order) == "partly_refunded"
    (audited,) = counter.audited(refund_id)
    body = answer.json()["data"]
    del body["reason"]  # the log stays for ever
    assert (audited["action"], audited["before"], audited["after"]) == ("refund.create", None, body)
    *_, event = counter.shown_list(f"{ORDERS}/{order.id}/events")
    assert (event["action"], event["status"], event["actor"], event["reason"]) == (
        "refund",
        "partly_refunded",
        made["actor"],
        "Too small",
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_down_is_what_is_refunded_and_posted(counter: RefundCounter, name: str) -> None:
    """And a dry run says beforehand what is then done."""
    case = read_case(name)
    order = counter.order(case.order)
    counted = 0
    for draft, expected in zip(case.drafts, case.expected, strict=True):
        body: dict[str, Any] = {
            "lines": [{"line_id": each.line_id, "quantity": each.quantity} for each in draft.lines],
            "delivery": draft.delivery,
        }
        before = counter.sql("SELECT count(*) FROM ledger_transactions")
        planned = counter.preview(order, **body)
        assert (planned.status_code, planned.json()["message"]) == (200, "Refund preview")
        assert counter.sql("SELECT count(*) FROM ledger_transactions") == before
        assert len(counter.refunds(order)) == counted
        answer = counter.refund(order, **body)
        assert answer.status_code == 201, answer.text
        counted += 1
        made, answered = exact(answer), exact(planned)
        of_the_making = {"id": None, "number": None, "actor": None, "refunded_at": None}
        assert answered == {**made, **of_the_making}
        assert str(made["total_amount"]) == expected.get("customer", str(made["total_amount"] * 0))
        entries = counter.sql(
            """SELECT unnest(accounts) AS account, unnest(amounts_minor) AS amount_minor FROM ledger_transactions
            WHERE kind = 'refund' AND source_id = $1""",
            UUID(made["id"]),
        )
        scale = 10**case.order.exponent
        payouts = sum(Decimal(amount) for figure, amount in expected.items() if figure.startswith("payout"))
        assert sum(each["amount_minor"] for each in entries) == 0
        assert sum(each["amount_minor"] for each in entries if each["account"] == "seller") == payouts * scale
        customer = sum(each["amount_minor"] for each in entries if each["account"] == "customer")
        assert customer == made["total_amount"] * scale
    assert counter.status(order) == "refunded"
    assert [refund["number"] for refund in counter.refunds(order)] == list(range(1, counted + 1))
    assert "customer" not in counter.balances(order.customer_id)


def test_in_the_end_the_ledger_holds_what_the_rate_keeps(counter: RefundCounter) -> None:
    seller = uuid4()
    order = counter.order(figures(7, seller=seller))
    for _ in range(7):
        assert counter.refund(order, lines=units(1), delivery="proportional").status_code == 201
    assert counter.status(order) == "refunded"
    # 0.99 are kept, and of the tax on them 3.08 x 0.99 / 15.41.
    assert counter.balances(order.customer_id, seller) == {
        "seller": Decimal("-1.19"),
        "commission": Decimal("0.99"),
        "commission_tax": Decimal("0.20"),
    }


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["/lines"]),
        ({"lines": []}, ["/lines"]),
        ({"lines": units(0)}, ["/lines/0/quantity"]),
        ({"lines": units(-1)}, ["/lines/0/quantity"]),
        ({"lines": [{"line_id": 1, "quantity": 1.5}]}, ["/lines/0/quantity"]),
        ({"lines": [{"line_id": 1, "quantity": True}]}, ["/lines/0/quantity"]),
        ({"lines": [{"line_id": 1, "quantity": 10**7}]}, ["/lines/0/quantity"]),
        ({"lines": [{"line_id": 1}]}, ["/lines/0/quantity"]),
        ({"lines": [{"line_id": 0, "quantity": 1}]}, ["/lines/0/line_id"]),
        ({"lines": units(1, 2)}, ["/lines/0/line_id"]),
        ({"lines": units(1, 2**31 - 1)}, ["/lines/0/line_id"]),
        ({"lines": [*units(1), *units(1)]}, ["/lines/1/line_id"]),
        ({"lines": units(4)}, ["/lines/0/quantity"]),
        ({"lines": None}, ["/lines"]),
        ({"lines": units(1) * 501}, ["/lines"]),
        ({"lines": units(1), "delivery": "half"}, ["/delivery"]),
        ({"lines": units(1), "restock": "yes"}, ["/restock"]),
        ({"lines": units(1), "reason": ""}, ["/reason"]),
        ({"lines": units(1), "reason": "x" * 2001}, ["/reason"]),
        ({"lines": units(1), "reason": "\x00"}, ["/reason"]),
        ({"lines": units(1), "amount": 5}, ["/amount"]),
        ({"lines": [{"line_id": 1, "quantity": 1, "amount": 5}]}, ["/lines/0/amount"]),
        ({"delivery": "proportional"}, ["/delivery"]),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_cannot_be_refunded_is_refused(
    counter: RefundCounter, body: dict[str, Any], where: list[str], dry_run: bool
) -> None:
    order = counter.order(figures())
    answer = counter.preview(order, **body) if dry_run else counter.refund(order, **body)
    assert pointers(answer) == where
    assert counter.refunds(order) == []
    assert counter.status(order) == "placed"


def test_more_than_is_left_says_what_is_left(counter: RefundCounter) -> None:
    order = counter.order(figures())
    assert counter.refund(order, lines=units(2)).status_code == 201
    refused = counter.refund(order, lines=units(2))
    assert problem(refused) == (409, "refund-exceeds-order")
    assert refused.json()["errors"] == [
        {"pointer": "/lines/0/quantity", "detail": "must be at most 1: of 3 units 1 is not refunded"}
    ]


def test_the_delivery_is_refunded_once(counter: RefundCounter) -> None:
    order = counter.order(figures())
    alone = counter.refund(order, delivery="full")
    assert exact(alone)["total_amount"] == Decimal("17.99")
    assert exact(alone)["sellers"] == []
    assert counter.status(order) == "partly_refunded"
    again = counter.refund(order, lines=[], delivery="full")
    assert (problem(again), pointers(again)) == ((409, "refund-exceeds-order"), ["/delivery"])
    beside = exact(counter.refund(order, lines=units(3), delivery="full"))
    assert (beside["fees"]["delivery_fee"], beside["order_status"]) == (0, "refunded")
    assert problem(counter.refund(order, lines=units(1))) == (409, "refund-exceeds-order")


def test_an_order_of_nothing_is_refunded_and_posts_nothing(counter: RefundCounter) -> None:
    order = counter.order(an_order((a_line(1, goods_minor=0, quantity=2),)))
    assert exact(counter.refund(order, lines=units(1)))["total_amount"] == 0
    last = exact(counter.refund(order, lines=units(1), delivery="full"))
    assert (last["order_status"], last["total_amount"]) == ("refunded", 0)
    assert counter.sql("SELECT FROM ledger_transactions WHERE source_id = $1", UUID(last["id"])) == []
    assert counter.balances(order.customer_id) == {}
    assert problem(counter.refund(order, delivery="full")) == (409, "refund-exceeds-order")


def test_refunds_are_listed_by_page_and_for_their_order_alone(counter: RefundCounter) -> None:
    order, other = counter.order(figures(3)), counter.order(figures(3))
    made = [counter.refund(order, lines=units(1)).json()["data"] for _ in range(3)]
    path = f"{ORDERS}/{order.id}/refunds"
    first = counter.http.get(path, params={"limit": 2}).json()
    assert first["data"] == made[:2]
    second = counter.http.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert (second["data"], second["next_cursor"]) == (made[2:], None)
    assert counter.refunds(other) == []
    assert counter.http.get(f"{ORDERS}/{other.id}/refunds/{made[0]['id']}").status_code == 404
    for nowhere in (f"{ORDERS}/{uuid4()}/refunds", f"{ORDERS}/{uuid4()}/refunds/{made[0]['id']}"):
        assert counter.http.get(nowhere).status_code == 404
    refused = counter.post(f"{ORDERS}/{uuid4()}/refunds", {"lines": units(1)}, **{"Idempotency-Key": uuid4().hex})
    assert problem(refused) == (404, "not-found")
    assert pointers(counter.http.get(path, params={"status": "x"})) == ["/query/status"]


def test_shoppers_see_what_they_get_of_their_own_orders(
    counter: RefundCounter, anonymous: httpx.Client, shopper: dict[str, str]
) -> None:
    me = UUID(anonymous.get("/api/v1/auth/me", headers=shopper).json()["data"]["id"])
    mine, other = counter.order(figures(), customer_id=me), counter.order(figures())
    made = counter.refund(mine, lines=units(1), reason="Suspicious").json()["data"]
    counter.refund(other, lines=units(1))
    expected = {name: value for name, value in made.items() if name not in ("sellers", "reason", "actor")}
    hidden = ("discounts", "commissions")
    expected["lines"] = [{name: line[name] for name in line if name not in hidden} for line in made["lines"]]
    path = f"{ORDERS}/{mine.id}/refunds"
    assert anonymous.get(path, headers=shopper).json()["data"] == [expected]
    assert anonymous.get(f"{path}/{made['id']}", headers=shopper).json()["data"] == expected
    for theirs in (f"{ORDERS}/{other.id}/refunds", f"{ORDERS}/{other.id}/refunds/{made['id']}"):
        assert anonymous.get(theirs, headers=shopper).status_code == 404
    body = {"lines": units(1)}
    for query in ({}, {"dry_run": "true"}):
        headers = {**shopper, "Idempotency-Key": uuid4().hex}
        assert anonymous.post(path, params=query, json=body, headers=headers).status_code == 403
    assert len(counter.refunds(mine)) == 1


def test_keys_that_order_refund_and_readers_only_read(
    counter: RefundCounter, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    order = counter.order(figures())
    path = f"{ORDERS}/{order.id}/refunds"
    writer, reader, stranger = key_with("order:write"), key_with("reports:read"), key_with("quote:write")
    made = anonymous.post(path, json={"lines": units(1)}, headers={**writer, "Idempotency-Key": "k"})
    assert made.status_code == 201, made.text
    (audited,) = counter.audited(made.json()["data"]["id"])
    assert audited["actor_kind"] == "key"
    for headers in (reader, stranger):
        for query in ({}, {"dry_run": "true"}):
            answer = anonymous.post(
                path, params=query, json={"lines": units(1)}, headers={**headers, "Idempotency-Key": "k"}
            )
            assert answer.status_code == 403
    assert anonymous.get(path, headers=reader).json()["data"] == [made.json()["data"]]
    assert anonymous.get(path, headers=stranger).status_code == 403


def test_refunds_are_counted_by_the_ledger(counter: RefundCounter) -> None:
    def counted() -> float:
        name = 'quote_ledger_transactions_total{kind="refund"} '
        lines = counter.http.get("/metrics").text.splitlines()
        return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    order, before = counter.order(figures()), counted()
    counter.refund(order, lines=units(1))
    counter.refund(order, lines=units(9))  # refused
    counter.preview(order, lines=units(1))
    assert counted() == before + 1
