"""A feed as a file, for a source that is given files, and what became of it.

Source: docs/spec/web.md#matching.
"""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.web.model.market.feeds import FEED_FORMATS
from quote_service.web.model.subjects.competition import SOURCES
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, go_to, page_of
from quote_service.web.routes.subjects.subject import may_write

# A feed that is fetched too may be between the newest and the one that was uploaded.
_LOOKED_AT = 10


@get("/admin/{area:str}/{object_id:str}/feed", opt={"page": FOR_STAFF})
async def show_upload(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The form; or, `after` the fetch before it, what became of the file."""
    page = page_of(request)
    source = await _source(page, area, object_id)
    before = request.query_params.get("after")
    return _shown(page, source, waits=before is not None, fetch=await _read_since(page, object_id, before))


@post("/admin/{area:str}/{object_id:str}/feed", status_code=200, opt={"page": FOR_STAFF, "is_import": True})
async def take_upload(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Hand the file over."""
    page = page_of(request)
    source = await _source(page, area, object_id)
    file = (await request.form()).get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        return _shown(page, source, STATUS_OF_KIND["invalid"], ["Choose a file with something in it"])
    fetches = await _fetches(page, object_id)
    media_type = FEED_FORMATS[source["feed"]["format"]].media_type
    answer = await page.api.call("POST", f"/api/v1/sources/{object_id}/feed", content=(media_type, content))
    if answer.is_good:
        return go_to(request, f"/admin/sources/{object_id}/feed?after={quote(fetches[0]['id']) if fetches else ''}")
    problem = answer.document or {}
    faults = [fault["detail"] for fault in problem.get("errors", ())] or [problem.get("detail", "")]
    return _shown(page, source, answer.status, faults)


def _shown(
    page: Page,
    source: dict[str, Any],
    status: int = 200,
    faults: list[str] | None = None,
    *,
    waits: bool = False,
    fetch: dict[str, Any] | None = None,
) -> Response[str]:
    return page.show(
        "market/upload.html",
        status=status,
        source=source,
        form=FEED_FORMATS[source["feed"]["format"]],
        faults=faults or [],
        waits=waits and fetch is None,
        fetch=fetch,
    )


async def _read_since(page: Page, source_id: str, before: str | None) -> dict[str, Any] | None:
    """The newest file that was read since a fetch, which has no address; None for none yet."""
    if before is None:
        return None
    for fetch in await _fetches(page, source_id):
        if fetch["id"] == before:
            return None
        if not fetch["url"]:
            return fetch
    return None


async def _fetches(page: Page, source_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await page.api.get(f"/api/v1/sources/{source_id}/fetches", {"limit": str(_LOOKED_AT)})
    )["data"]
    return found


async def _source(page: Page, area: str, object_id: str) -> dict[str, Any]:
    if area != SOURCES.area or not may_write(page, SOURCES):
        raise NotFoundException
    source: dict[str, Any] = (await page.api.get(f"/api/v1/sources/{object_id}"))["data"]
    if source["kind"] != "feed":
        raise NotFoundException
    return source
