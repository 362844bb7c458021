"""Listings whose product nobody is sure of: what each could be, for a person to decide.

Source: docs/spec/web.md#matching.
"""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.platform.http.etags import etag_header
from quote_service.platform.money.numbers import NotANumber, read_number
from quote_service.web.model.subjects.competition import LISTINGS
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, first, form_of, page_of
from quote_service.web.routes.subjects.names import choices_of, names_in
from quote_service.web.routes.subjects.subject import may_write

_LISTINGS = "/api/v1/listings"
_ROWS = 20


@get("/admin/listings/matching", opt={"page": FOR_STAFF})
async def show_matching(request: PageRequest) -> Response[str]:
    """Those that wait, oldest first."""
    page, given = page_of(request), request.query_params
    asked = {
        "match_status": "proposed",
        "competitor_id": given.get("competitor_id", ""),
        "limit": _ROWS,
        "cursor": given.get("cursor", ""),
    }
    answer = page.api.require(await page.api.call("GET", _LISTINGS, query=asked))
    competitors = (await choices_of(page, LISTINGS)).get("competitor_id", {})
    return page.show(
        "market/matching.html",
        listings=[_tagged(each) for each in answer.data],
        named=await names_in(page, LISTINGS, answer.data),
        next_cursor=answer.document.get("next_cursor"),
        is_first=not asked["cursor"],
        competitor_id=asked["competitor_id"],
        competitors=competitors,
        may_decide=may_write(page, LISTINGS),
    )


@post("/admin/{area:str}/{object_id:str}/decide", status_code=200, opt={"page": FOR_STAFF})
async def decide_match(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Take what was decided, and show the listing as it then is."""
    if area != LISTINGS.area:
        raise NotFoundException
    page, fields = page_of(request), await form_of(request)
    headers = {"If-Match": first(fields, "version")}
    path, product_id = f"{_LISTINGS}/{object_id}", first(fields, "product_id")
    match first(fields, "decision"):
        case "match":
            units = first(fields, "units") or "1"
            document: dict[str, Any] = {"product_id": product_id, "units": _number(units)}
            if variant_id := first(fields, "variant_id"):
                document["variant_id"] = variant_id
            answer = await page.api.call("PUT", f"{path}/match", document, headers=headers)
        case "undo":
            answer = await page.api.call("DELETE", f"{path}/match", headers=headers)
        case _:
            document = {"product_id": product_id} if product_id else {}
            answer = await page.api.call("POST", f"{path}/reject", document, headers=headers)
    refused = "" if answer.is_good else "; ".join(answer.faults.values()) or (answer.document or {}).get("detail", "")
    found = page.api.require(await page.api.call("GET", path))
    listing = _tagged(found.data)
    return page.show(
        "market/match.html",
        status=200 if answer.is_good else answer.status,
        listing=listing,
        named=await names_in(page, LISTINGS, [listing]),
        refused=refused,
        may_decide=may_write(page, LISTINGS),
    )


def _tagged(listing: dict[str, Any]) -> dict[str, Any]:
    """With the tag of its version: what is decided says what it was decided of."""
    return {**listing, "etag": etag_header(listing["id"], listing["version"])["ETag"]}


def _number(text: str) -> Any:
    """A number as it was written; what is none goes to the API, which says so."""
    try:
        return read_number(text)
    except NotANumber:
        return text
