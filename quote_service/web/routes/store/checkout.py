"""Check out: where it goes, what it costs for certain, what is held meanwhile, and the order.

The quote that is shown is the one that is ordered: its price binds, and reserving it holds what it rests on.

Source: docs/spec/store.md#checkout.
"""

import secrets
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from quote_service.web.model.store.visit import Visit
from quote_service.web.routes.gate import PageAccess
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import PageRequest, first, form_of
from quote_service.web.routes.store.basket import basket_context, quote_basket, sums, with_place
from quote_service.web.routes.store.products import products_by_id
from quote_service.web.routes.store.shop import Shop, open_shop

#: Whoever buys does so for themselves: staff have no basket of their own.
FOR_SHOPPERS = PageAccess(frozenset({"user"}))
_CHECKOUT = "/store/checkout"


@get(_CHECKOUT, opt={"page": FOR_SHOPPERS})
async def show_checkout(request: PageRequest) -> Response[str]:
    """Where the basket goes, and what that costs."""
    shop = await open_shop(request)
    if not shop.visit.lines:
        return shop.go("/store/basket")
    answer = await quote_basket(shop)
    return shop.show("store/checkout.html", **await basket_context(shop, answer))


@post(_CHECKOUT, status_code=200, opt={"page": FOR_SHOPPERS})
async def reserve_basket(request: PageRequest) -> Response[str]:
    """Quote it for certain, and hold what it rests on."""
    shop, fields = await open_shop(request), await form_of(request)
    if not shop.visit.lines:
        return shop.go("/store/basket")
    shop.visit = replace(with_place(shop.visit, fields), is_express=first(fields, "is_express") == "1")
    answer, quote_id = await _held(shop)
    if quote_id:
        return shop.go(f"{_CHECKOUT}/{quote_id}")
    context = await basket_context(shop, answer)
    if not answer.is_good and not context["faults"]:
        context["faults"] = [refusal_of(answer)]
    return shop.show("store/checkout.html", status=answer.status, **context)


@get("/store/checkout/{quote_id:uuid}", opt={"page": FOR_SHOPPERS})
async def show_reserved(request: PageRequest, quote_id: FromPath[UUID]) -> Response[str]:
    """The price that binds, what is held and until when."""
    return await _reserved(await open_shop(request), str(quote_id), "")


@post("/store/checkout/{quote_id:uuid}", status_code=200, opt={"page": FOR_SHOPPERS})
async def place_order(request: PageRequest, quote_id: FromPath[UUID]) -> Response[str]:
    """Order it; the same form twice is one order."""
    shop = await open_shop(request)
    # The same form twice is one order; a form that is shown after a refusal is another request.
    headers = {"Idempotency-Key": first(await form_of(request), "key") or f"store-{quote_id}"}
    answer = await shop.api.call("POST", "/api/v1/orders", {"quote_id": str(quote_id)}, headers=headers)
    if answer.is_good:
        shop.visit = _without_order(shop.visit, answer)
        return shop.go(f"/store/orders/{answer.data['id']}?placed=1")
    if answer.status == 409 and (answer.document or {}).get("order_id"):
        return shop.go(f"/store/orders/{answer.document['order_id']}")
    return await _reserved(shop, str(quote_id), refusal_of(answer), answer.status)


@post("/store/checkout/{quote_id:uuid}/release", status_code=200, opt={"page": FOR_SHOPPERS})
async def release_quote(request: PageRequest, quote_id: FromPath[UUID]) -> Response[str]:
    """Give back what is held, and go back to the basket."""
    shop = await open_shop(request)
    await shop.api.call("DELETE", f"/api/v1/quotes/{quote_id}/reserve")
    return shop.go("/store/basket")


def _without_order(visit: Visit, answer: ApiAnswer) -> Visit:
    """The basket without what was ordered: another tab may have put more into it since that was quoted."""
    ordered: dict[tuple[str, str | None], int] = {}
    for line in answer.data["lines"]:
        key = line["product_id"], line.get("variant_id")
        ordered[key] = ordered.get(key, 0) + line["quantity"]
    # The form was sent twice: either nobody has heard the first answer, or the basket is another one by now.
    if "idempotent-replayed" in answer.headers and not visit.holds(ordered):
        return visit
    return replace(visit.without(ordered), coupon="")


def refusal_of(answer: ApiAnswer) -> str:
    """Why the API refused, in its own words, with what it says of single fields."""
    problem = answer.document or {}
    messages = "; ".join(dict.fromkeys(answer.faults.values()))
    text = f"{problem.get('title', 'This did not work')}: {problem.get('detail', '')}".rstrip(": ")
    return f"{text} ({messages})" if messages and messages not in text else text


async def _held(shop: Shop) -> tuple[ApiAnswer, str]:
    """A quote of the basket that is held, by its id; or what the API refused.

    The same basket has the same quote for a while: where that was bought before, another one is asked for.
    """
    for is_new in (False, True):
        answer = await quote_basket(shop, with_hints=False, is_new=is_new)
        if not answer.is_good:
            return answer, ""
        quote_id = answer.data["quote_id"]
        answer = await shop.api.call("POST", f"/api/v1/quotes/{quote_id}/reserve")
        if answer.is_good:
            return answer, quote_id
        if (answer.document or {}).get("type") not in ("/problems/quote-accepted", "/problems/quote-expired"):
            break
    return answer, ""


async def _reserved(shop: Shop, quote_id: str, refusal: str, status: int = 200) -> Response[str]:
    found = await shop.api.call("GET", f"/api/v1/quotes/{quote_id}")
    if not found.is_good:
        if found.status != 404:
            shop.api.require(found)
        return shop.show("store/lapsed.html", status=404, refusal=refusal or refusal_of(found))
    quote: dict[str, Any] = found.data
    held = await shop.api.find(f"/api/v1/quotes/{quote_id}/reserve")
    return shop.show(
        "store/reserved.html",
        status=status,
        key=secrets.token_hex(16),
        quote=quote,
        held=held,
        refusal=refusal,
        sums=sums(quote),
        products=await products_by_id(shop, [item["product_id"] for item in quote["items"]]),
    )
