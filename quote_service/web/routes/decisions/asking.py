"""What would be decided, the way back, and the runs there were.

Source: docs/spec/web.md#price-decisions.
"""

import asyncio
import secrets
from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.money.numbers import NotANumber, read_number
from quote_service.web.model.decisions.sentences import RULES
from quote_service.web.model.subjects.intelligence import DECISIONS
from quote_service.web.routes.decisions.explained import explained
from quote_service.web.routes.decisions.named_product import product_meant
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, page_of
from quote_service.web.routes.subjects.subject import may_write

_DECISIONS = "/api/v1/decisions"
_RUNS = 50
_ASKED = ("product_id", "currency", "price")
_BACK = ("product_id", "currency", "note")


@get("/admin/decisions/what-if", opt={"page": FOR_STAFF})
async def show_what_if(request: PageRequest) -> Response[str]:
    """The form, and the answer once a product is named; its state is the address."""
    page = page_of(request)
    given = {name: request.query_params.get(name, "").strip() for name in _ASKED}
    answer: ApiAnswer | None = None
    product, faults = await _product_of(page, given)
    if product is not None:
        document: dict[str, Any] = {"product_id": product["id"], "currency": given["currency"].upper()}
        if given["price"]:
            document["price"] = _number(given["price"])
        answer = await page.api.call("POST", f"{_DECISIONS}/what-if", document)
    body = answer.data if answer is not None and answer.is_good else None
    return page.show(
        "decisions/what_if.html",
        status=STATUS_OF_KIND["invalid"] if faults else 200 if answer is None or answer.is_good else answer.status,
        given=given,
        name=product["name"] if product else "",
        faults=faults or (answer.faults if answer is not None else {}),
        problem="" if answer is not None and answer.faults else _problem(answer),
        against_now=_against_now(body),
        may_decide=may_write(page, DECISIONS),
        key=secrets.token_urlsafe(16),
        **({"explained": None, "rules": RULES} if body is None else await explained(page.api, body)),
    )


@get("/admin/decisions/roll-back", opt={"page": FOR_STAFF})
async def show_roll_back(request: PageRequest) -> Response[str]:
    """The form."""
    page = page_of(request)
    if not may_write(page, DECISIONS):
        raise NotFoundException
    return await _roll_back_page(page, {name: request.query_params.get(name, "") for name in _BACK}, None)


@post("/admin/decisions/roll-back", status_code=200, opt={"page": FOR_STAFF})
async def roll_back(request: PageRequest) -> Response[str]:
    """Go back to the prices that people last confirmed."""
    page, fields = page_of(request), await form_of(request)
    given = {name: first(fields, name) for name in _BACK}
    if first(fields, "sure") != "yes":
        return await _roll_back_page(page, given, None)
    product, faults = await _product_of(page, given)
    if faults:
        return await _roll_back_page(page, given, None, faults)
    document = {name: value for name, value in given.items() if value}
    if product is not None:
        document["product_id"] = product["id"]
    return await _roll_back_page(page, given, await page.api.call("POST", f"{_DECISIONS}/roll-back", document))


@get("/admin/decisions/runs", opt={"page": FOR_STAFF})
async def show_runs(request: PageRequest) -> Response[str]:
    """Runs of the loop, newest first."""
    page, cursor = page_of(request), request.query_params.get("cursor", "")
    document = await page.api.get(f"{_DECISIONS}/runs", {"limit": _RUNS, "cursor": cursor})
    return page.show(
        "decisions/runs.html", rows=document["data"], next_cursor=document.get("next_cursor"), is_first=not cursor
    )


async def _product_of(page: Page, given: dict[str, str]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """The product that is meant, and what is wrong with the field; `given` then has its SKU, and a currency it is sold in."""
    if not given["product_id"]:
        return None, {}
    product = await product_meant(page.api, given["product_id"])
    if product is None:
        return None, {"/product_id": "is no SKU or name of one product"}
    given["product_id"] = product["sku"]
    if "price" in given and not given["currency"] and product["prices"]:
        given["currency"] = product["prices"][0]["currency"]
    return product, {}


async def _roll_back_page(
    page: Page, given: dict[str, str], answer: ApiAnswer | None, faults: dict[str, str] | None = None
) -> Response[str]:
    done = answer.data if answer is not None and answer.is_good else None
    left = [each["product_id"] for each in done["not_rolled_back"]] if done else []
    names = await asyncio.gather(*(_name_of(page, each) for each in left))
    return page.show(
        "decisions/roll_back.html",
        status=STATUS_OF_KIND["invalid"] if faults else 200 if answer is None or answer.is_good else answer.status,
        given=given,
        name=product["name"] if (product := await product_meant(page.api, given["product_id"])) else "",
        names=dict(zip(left, names, strict=True)),
        done=done,
        faults=faults or (answer.faults if answer is not None else {}),
        problem=_problem(answer),
        rules=RULES,
    )


async def _name_of(page: Page, product_id: str) -> str:
    found = await page.api.find(f"/api/v1/products/{product_id}") if product_id else None
    return "" if found is None else str(found["name"])


def _against_now(reported: dict[str, Any] | None) -> Decimal | None:
    """How much more profit the price that was tried is expected to bring than the price now."""
    if reported is None or reported["tried"] is None:
        return None
    now = next((each for each in reported["candidates"] if "now" in each["labels"]), None)
    return None if now is None else Decimal(str(reported["tried"]["profit"])) - Decimal(str(now["profit"]))


def _problem(answer: ApiAnswer | None) -> str:
    return "" if answer is None else answer.problem


def _number(text: str) -> Any:
    try:
        return read_number(text)
    except NotANumber:
        return text
