"""A feed as a file, for a source that is given files.

Source: docs/spec/web.md#matching.
"""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.http.problems import STATUS_OF_KIND
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, go_to, page_of
from quote_service.web.routes.subjects.subject import may_write
from quote_service.web.words.subjects.competition import SOURCES

_TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson", "google_xml": "application/xml"}


@get("/admin/{area:str}/{object_id:str}/feed", opt={"page": FOR_STAFF})
async def show_upload(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The form."""
    page = page_of(request)
    return page.show("market/upload.html", source=await _source(page, area, object_id), faults=[])


@post("/admin/{area:str}/{object_id:str}/feed", status_code=200, opt={"page": FOR_STAFF, "is_import": True})
async def take_upload(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Hand the file over; the source's fetches tell what became of it."""
    page = page_of(request)
    source = await _source(page, area, object_id)
    file = (await request.form()).get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    media_type = _TYPES.get((source.get("feed") or {}).get("format", ""), "text/csv")
    answer = await page.api.call("POST", f"/api/v1/sources/{object_id}/feed", content=(media_type, content))
    if answer.is_good:
        return go_to(request, f"/admin/sources/{object_id}?done=saved")
    problem = answer.document or {}
    faults = [fault["detail"] for fault in problem.get("errors", ())] or [problem.get("detail", "")]
    return page.show(
        "market/upload.html", status=answer.status or STATUS_OF_KIND["invalid"], source=source, faults=faults
    )


async def _source(page: Page, area: str, object_id: str) -> dict[str, Any]:
    if area != SOURCES.area or not may_write(page, SOURCES):
        raise NotFoundException
    source: dict[str, Any] = (await page.api.get(f"/api/v1/sources/{object_id}"))["data"]
    if source["kind"] != "feed":
        raise NotFoundException
    return source
