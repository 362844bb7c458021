"""A seller's statement: what was earned and paid out in a period, with the balance after each.

Source: docs/spec/web.md#statements; docs/spec/ledger.md.
"""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from quote_service.web.model.periods import periods_of, present
from quote_service.web.model.subjects.selling import LEDGER
from quote_service.web.routes.gate import PageAccess
from quote_service.web.routes.page import PageRequest, page_of, with_zone

_FILTERS = ("currency", "from", "to")
_READERS = PageAccess(frozenset({"admin", *LEDGER.readers}))


@get("/admin/statements/{seller_id:str}", opt={"page": _READERS})
async def show_statement(request: PageRequest, seller_id: FromPath[str]) -> Response[str]:
    """The statement of a period, or what the API has against it."""
    page, asked = page_of(request), _asked(request)
    seller = (await page.api.find(f"/api/v1/sellers/{seller_id}")) or {}
    statement: dict[str, Any] | None = None
    faults: list[str] = []
    status = 200
    if asked["currency"]:
        answer = await page.api.call("GET", f"/api/v1/sellers/{seller_id}/statement", query=_given(asked))
        document = answer.document or {}
        if answer.is_good:
            statement = answer.data
        else:
            status = answer.status
            faults = [fault["detail"] for fault in document.get("errors", ())] or [document.get("detail", "")]
    return page.show(
        "selling/statement.html",
        status=status,
        seller_id=seller_id,
        name=seller.get("name") or f"Seller …{seller_id[-8:]}",
        asked=asked,
        statement=statement,
        faults=faults,
        periods=periods_of(present(), statement["time_zone"] if statement else page.time_zone),
    )


@get("/admin/statements/{seller_id:str}/csv", opt={"page": _READERS})
async def export_statement(request: PageRequest, seller_id: FromPath[str]) -> Response[bytes]:
    """The same as a file."""
    page = page_of(request)
    path = f"/api/v1/sellers/{seller_id}/statement"
    answer = page.api.require(await page.api.call("GET", path, query={**_given(_asked(request)), "format": "csv"}))
    headers = {"Content-Disposition": f'attachment; filename="statement-{seller_id[-8:]}.csv"'}
    return Response(answer.body, media_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: PageRequest) -> dict[str, str]:
    """The period, whose days are those of the time zone that is chosen."""
    return with_zone(request, {name: request.query_params.get(name, "").strip() for name in _FILTERS})


def _given(asked: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in asked.items() if text}
