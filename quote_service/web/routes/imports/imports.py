"""Rates and products from a file: all of it or nothing, with what is wrong by row.

Source: docs/spec/web.md#imports.
"""

import secrets
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.system.errors import Forbidden
from quote_service.web.model.imports import IMPORTS, Importing
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, page_of

_IMPORTS = "/api/v1/imports"
_CSV = "text/csv"
_FAULTS_SHOWN = 200


class RowFault(NamedTuple):
    """What is wrong with a row: its number among the rows from 1, empty for the file as a whole; the field; and why."""

    row: str
    field: str
    message: str


@get(["/admin/rates/import", "/admin/products/import"], opt={"page": FOR_STAFF})
async def show_import(request: PageRequest) -> Response[str]:
    """The form."""
    page = page_of(request)
    return page.show("imports/import.html", importing=_importing(request, page), key=secrets.token_urlsafe(16))


@post(
    ["/admin/rates/import", "/admin/products/import"],
    status_code=200,
    opt={"page": FOR_STAFF, "is_import": True},
)
async def take_import(request: PageRequest) -> Response[str]:
    """Bring a file in."""
    page = page_of(request)
    importing = _importing(request, page)
    form = await request.form()
    file, key = form.get("file"), str(form.get("key", ""))
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        faults = [RowFault("", "", "Choose a file with something in it")]
        return _refused(page, STATUS_OF_KIND["invalid"], faults)
    answer = await page.api.call(
        importing.method, importing.path, headers={"Idempotency-Key": key}, content=(_CSV, content)
    )
    if not answer.is_good:
        return _refused(page, answer.status, _faults(answer))
    return _outcome(page, answer.data)


@get("/admin/imports/{import_id:str}", opt={"page": FOR_STAFF})
async def show_outcome(request: PageRequest, import_id: FromPath[str]) -> Response[str]:
    """What has become of one that is done in the background."""
    page = page_of(request)
    return _outcome(page, (await page.api.get(f"{_IMPORTS}/{import_id}"))["data"])


@get(["/admin/rates/export", "/admin/products/export"], opt={"page": FOR_STAFF})
async def export_rows(request: PageRequest) -> Response[bytes]:
    """Everything there is as a file, which an import takes back."""
    page = page_of(request)
    importing = _importing(request, page, is_reading=True)
    answer = page.api.require(await page.api.call("GET", importing.export))
    headers = {"Content-Disposition": f'attachment; filename="{importing.area}.csv"'}
    return Response(answer.body, media_type="text/csv; charset=utf-8", headers=headers)


def _refused(page: Page, status: int, faults: list[RowFault]) -> Response[str]:
    return page.show(
        "imports/outcome.html",
        status=status,
        faults=faults[:_FAULTS_SHOWN],
        left_out=max(0, len(faults) - _FAULTS_SHOWN),
        done=None,
        key=secrets.token_urlsafe(16),
    )


def _outcome(page: Page, done: dict[str, Any]) -> Response[str]:
    """What was done; `key` is for the next file, which is another import."""
    found = done.get("errors") or ()
    faults = [
        RowFault(str(fault.get("row") or ""), str(fault.get("column") or fault.get("pointer") or ""), fault["detail"])
        for fault in found
    ]
    left_out = max(0, len(faults) - _FAULTS_SHOWN)
    return page.show(
        "imports/outcome.html",
        faults=faults[:_FAULTS_SHOWN],
        left_out=left_out,
        done=done,
        key=secrets.token_urlsafe(16),
    )


def _faults(answer: ApiAnswer) -> list[RowFault]:
    found = []
    for fault in (answer.document or {}).get("errors", ()):
        number, _, field = fault["pointer"].removeprefix("/").partition("/")
        is_row = number.isdecimal()
        found.append(RowFault(str(int(number) + 1) if is_row else "", field if is_row else number, fault["detail"]))
    return found or [RowFault("", "", (answer.document or {}).get("detail", ""))]


def _importing(request: PageRequest, page: Page, *, is_reading: bool = False) -> Importing:
    importing = IMPORTS[request.url.path.split("/")[2]]
    if page.person is None or not page.person.is_one_of(*importing.readers):
        raise Forbidden(f"{importing.many} are not shown to your role")
    if not is_reading and not page.person.is_one_of(*importing.writers):
        raise NotFoundException
    return importing
