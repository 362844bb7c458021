"""Baskets whose hints are found, and what a customer does who follows one, by nothing but the answer."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from types import CodeType, FrameType
from typing import Any, NamedTuple

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, instant_us, minor, read_answer
from tests.pricing.rulebooks import AT

GOODS = "b0000000-0000-4000-8000-0000000000ff"


class Shown(NamedTuple):
    """A request with its answer; `checked` is the basket as the catalog has completed it."""

    book: Rulebook
    sales: Mapping[str, SalePrice]
    request: dict[str, Any]
    checked: CheckedBasket
    answer: dict[str, Any]

    @property
    def hints(self) -> list[dict[str, Any]]:
        hints: list[dict[str, Any]] = self.answer["hints"]
        return hints


def ask(book: Rulebook, request: dict[str, Any], sales: Mapping[str, SalePrice] | None = None) -> Shown:
    """Quote a request, with its hints."""
    sales, at_us = sales or {}, instant_us(AT)
    checked = decode_basket(write_document({**request, "include_hints": True}))
    complete_basket(QuoteBasis(book, checked, at_us))
    quote = price_quote(QuoteBasis(book, checked, at_us, find_sales(sales, checked, at_us)))
    quote.hints = find_hints(QuoteBasis(book, checked, at_us), sales, quote).entries
    return Shown(book, sales, request, checked, read_answer(answer_text(quote, AT)))


def follow(reported: Shown, hint: dict[str, Any]) -> dict[str, Any]:
    """The answer to the request of a customer who does what a hint says."""
    like: dict[str, Any] = {}
    if "line" in hint:
        item = reported.checked.basket.items[int(hint["line"]) - 1]
        like = {"category_id": item.category_id, "seller_id": item.seller_id, "tags": item.tags}
    return ask(reported.book, follow_request(reported.request, hint, like), reported.sales).answer


def follow_request(request: dict[str, Any], hint: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """The request of such a customer; `like` is what goods are to share with the line that a hint names."""
    request = copy.deepcopy(request)
    items = request["items"]
    place = int(hint["line"]) - 1 if "line" in hint else None
    if "missing_amount" in hint:
        goods: dict[str, Any] = {"product_id": GOODS, "quantity": 1, "unit_price": Decimal(hint["missing_amount"])}
        items.append(goods | (like if place is not None else {}))
    elif "missing_quantity" in hint and place is not None:
        assert items[place]["product_id"] == hint["product_id"]
        assert items[place].get("variant_id") == hint.get("variant_id")
        items[place]["quantity"] += int(hint["missing_quantity"])
    elif "missing_quantity" in hint:
        items.append({"product_id": hint["product_id"], "quantity": int(hint["missing_quantity"])})
    else:
        request["customer_tier"] = hint["customer_tier"]
    return request


def saving(reported: Shown, hint: dict[str, Any], then: dict[str, Any], digits: int) -> int:
    """What a hint that was followed has saved, by the figures of the two answers."""
    added = 0
    place = int(hint["line"]) - 1 if "line" in hint else None
    if "missing_quantity" in hint and place is not None:
        line = reported.answer["items"][place]
        net = minor(line["line_total"], digits) - minor(line["discount_amount"], digits)
        # Half away from zero, as all money is rounded.
        added = int(Fraction(net * int(hint["missing_quantity"]), int(line["quantity"])) + Fraction(1, 2))
    elif "customer_tier" not in hint:
        added = minor(then["items"][-1]["line_total"], digits) - sum(
            minor(each["amount"], digits)
            for each in then.get("discount_details", ())
            if int(each["line"]) == len(then["items"]) and each["rule_id"] != hint["rule_id"]
        )
    return paid(reported.answer, digits) + added - paid(then, digits)


def paid(answer: dict[str, Any], digits: int) -> int:
    """What a quote comes to, but for tax that is added."""
    return sum(minor(answer[name], digits) for name in ("subtotal", "delivery_fee", "small_basket_fee"))


@contextmanager
def counted(code: CodeType) -> Iterator[list[int]]:
    """The number of lines of each basket that is priced meanwhile."""
    lines: list[int] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is code:
            lines.append(len(frame.f_locals["basis"].checked.basket.items))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield lines
    finally:
        sys.setprofile(before)
