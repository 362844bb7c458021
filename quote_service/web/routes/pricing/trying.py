"""A draft of a rule or rate while it is written: what a basket costs with it and without, and what the rule check says.

Source: docs/spec/web.md#editors.
"""

from decimal import Decimal
from typing import Any

from litestar import Response, post

from quote_service.web.model.example_basket import example_basket
from quote_service.web.rendering.changes import changes_between
from quote_service.web.rendering.waterfall import waterfall
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.pricing.drafts import GivenDraft, given_draft, is_past, without_period

_SIMULATE = "/api/v1/quotes/simulate"
_CHECK = "/api/v1/rulebook/check"
_PRODUCTS = 50
_FIGURES = ("subtotal", "discount_amount", "delivery_fee", "small_basket_fee", "tax_amount", "total_amount")


@post(["/admin/rules/try", "/admin/rates/try"], status_code=200, opt={"page": FOR_STAFF})
async def try_draft(request: PageRequest) -> Response[str]:
    """What a basket costs now and with the draft, and what the draft changes of what there is."""
    page = page_of(request)
    draft = await given_draft(request, page)
    products = await page.api.find("/api/v1/products", {"limit": _PRODUCTS, "is_active": "true"}) or []
    basket = example_basket(draft.document, products, draft.example)
    supposed = draft.document
    at = {}
    if supposed.get("effective_from") and not is_past(supposed["effective_from"]):
        at = {"at": supposed["effective_from"]}  # priced for the instant at which it begins
    elif draft.subject.playground == "rate":
        supposed = without_period(supposed)  # so that it comes before the rate that it replaces
    name = next(iter(draft.supposed))
    before = await page.api.call("POST", _SIMULATE, {**basket, **at})
    after = await page.api.call("POST", _SIMULATE, {**basket, **at, name: [supposed]})
    refused = next((answer for answer in (after, before) if not answer.is_good), None)
    faults = dict(draft.faults)
    if refused is not None:
        faults |= {_own_pointer(pointer): messages for pointer, messages in refused.faults.items()}
    shown = None if refused is not None else _comparison(before.data["simulated"], after.data["simulated"])
    return page.show(
        "pricing/try.html",
        faults=faults,
        detail="" if refused is None or refused.faults else (refused.document or {}).get("detail", ""),
        shown=shown,
        basket=basket,
        at=at.get("at", ""),
        product=next((each for each in products if each["id"] == basket["items"][0]["product_id"]), None),
        changes=await _changes(page, draft),
        is_copy=bool(draft.copied_from),
    )


@post(["/admin/rules/check-draft", "/admin/rates/check-draft"], status_code=200, opt={"page": FOR_STAFF})
async def check_draft(request: PageRequest) -> Response[str]:
    """What the rule check says of the draft beside the rulebook."""
    page = page_of(request)
    draft = await given_draft(request, page)
    answer = await page.api.call("POST", _CHECK, draft.supposed)
    faults = {**draft.faults, **{_own_pointer(pointer): messages for pointer, messages in answer.faults.items()}}
    return page.show(
        "pricing/check_draft.html",
        faults=faults,
        detail="" if answer.is_good or faults else (answer.document or {}).get("detail", ""),
        report=answer.data if answer.is_good else None,
        supposed=draft.supposed,
    )


def _comparison(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Both quotes, figure by figure where they differ; the commission too, which no customer pays."""
    pairs = [(name, before[name], after[name]) for name in _FIGURES if name in before]
    commission = [quote["commission_breakdown"]["total_commission"] for quote in (before, after)]
    pairs.append(("commission", commission[0], commission[1]))
    return {
        "currency": after["currency"],
        "before": before["total_amount"],
        "after": after["total_amount"],
        "difference": _less(after["total_amount"], before["total_amount"]),
        "figures": [
            (name, one, other, _less(other, one))
            for name, one, other in pairs
            if one != other and name != "total_amount"
        ],
        "picture": waterfall(after["pricing_breakdown"]["calculations"], after["total_amount"]),
    }


def _less(amount: Any, other: Any) -> Decimal:
    return Decimal(str(amount)) - Decimal(str(other))


async def _changes(page: Page, draft: GivenDraft) -> list[Any] | None:
    """What the draft changes of what it replaces, or differs in from what it was copied from; None for what is new."""
    object_id = draft.replaces or draft.copied_from
    if not object_id:
        return None
    answer = await page.api.call("GET", f"{draft.subject.path}/{object_id}")
    if not answer.is_good:
        return None
    held: dict[str, Any] = answer.data
    after = {"priority": 0, "is_active": True, **draft.document}
    if "effective_from" not in after:
        begins_again = draft.subject.playground == "rule" or draft.copied_from
        after["effective_from"] = "when it is saved" if begins_again else held["effective_from"]
    if draft.subject.playground == "rate":
        after.setdefault("on_refund", "reverse")
    return changes_between({name: value for name, value in held.items() if name != "warnings"}, after)


def _own_pointer(pointer: str) -> str:
    """A place of the draft, which simulations and checks see as the first of several."""
    for name in ("/draft_rules/0", "/draft_rates/0"):
        if pointer.startswith(name):
            return pointer.removeprefix(name) or "/"
    return pointer
