"""Lists: filtered and paged as the API does, with their state in the address.

Source: docs/spec/web.md#lists.
"""

from collections.abc import AsyncIterator

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.web.model.subjects.subject import Subject, View
from quote_service.web.routes.decisions.named_product import product_meant
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.people_names import WHO, people_names, with_names
from quote_service.web.routes.subjects.list_view import ListView
from quote_service.web.routes.subjects.names import choices_of, names_in, title_of
from quote_service.web.routes.subjects.subject import list_parameters, may_write, schema_form, subject_for

_ROWS = 50
_FILES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


@get("/admin/{area:str}", opt={"page": FOR_STAFF})
async def show_list(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """A page of a list."""
    page = page_of(request)
    subject = subject_for(page, area)
    given = _given(request, subject)
    product = await product_meant(page.api, given.get("product_id", ""))
    asked = {**given, "product_id": product["id"]} if product is not None else given
    cursor = request.query_params.get("cursor", "")
    looked = ListView(subject, await list_parameters(request, page, subject.path), request.query_params, given)
    query = {**asked, **looked.query(), "limit": _ROWS, "cursor": cursor}
    answer = await page.api.call("GET", subject.path, query=query)
    document = answer.document or {}
    form = await schema_form(request, page)
    types = tuple(form.variants({"$ref": f"#/components/schemas/{subject.draft}"})) if subject.draft else ()
    shows_who = any(column.member in WHO for column in subject.columns)
    people = await people_names(page) if shows_who else {}
    rows = with_names(document.get("data") or [], people)
    below = await page.api.call("GET", subject.path + subject.below.path) if subject.below else None
    rows_below = (below.document or {}).get("data") or [] if below else []
    labels = {each.name: each.words for each in subject.filters if each.words} | await choices_of(page, subject)
    view = next((each for each in subject.views if _filters_of(subject, each) == given), None)
    named = await names_in(page, subject, [*rows, *rows_below])
    return page.show(
        "subjects/list.html",
        status=200 if answer.is_good else answer.status,
        subject=subject,
        rows=rows,
        below=[(subject.below, rows_below)] if rows_below else [],
        named=named,
        titles=[title_of(subject, row, named) for row in rows],
        looked=looked,
        total=document.get("total"),
        next_cursor=document.get("next_cursor"),
        previous_cursor=document.get("previous_cursor"),
        given=given,
        choices={
            each.name: each.choices or tuple(labels.get(each.name, ())) or (types if each.name == "type" else ())
            for each in subject.filters
        },
        labels=labels,
        is_filtered=(any(given.values()) and view is None) or looked.is_narrowed,
        view=view,
        views=[(each, _filters_of(subject, each)) for each in subject.views],
        is_first=not cursor,
        faults=answer.fault_texts,
        may_create=bool(subject.draft) and may_write(page, subject),
    )


@get("/admin/{area:str}/export", opt={"page": FOR_STAFF})
async def export_list(request: PageRequest, area: FromPath[str]) -> Stream:
    """All rows that fit, as a file."""
    page = page_of(request)
    subject = subject_for(page, area)
    given = _given(request, subject)
    product = await product_meant(page.api, given.get("product_id", ""))
    asked = {**given, "product_id": product["id"]} if product is not None else given
    parameters = await list_parameters(request, page, subject.path)
    form = request.query_params.get("format", "csv")
    if form not in _FILES or "format" not in parameters:
        raise NotFoundException
    looked = ListView(subject, parameters, request.query_params, given).query()
    looked.pop("total", None)
    media_type = _FILES[form]
    found = await page.api.stream(subject.path, {**asked, **looked, "format": form}, media_type)

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in found.file():
                yield piece
        finally:
            found.close()

    headers = {"Content-Disposition": f'attachment; filename="{subject.area}.{form}"', "Cache-Control": "no-store"}
    return Stream(pieces(), media_type=f"{media_type}; charset=utf-8", headers=headers)


def _given(request: PageRequest, subject: Subject) -> dict[str, str]:
    """The filters of the address; where it names none, those of the first view."""
    asked = request.query_params
    if subject.views and not any(each.name in asked for each in subject.filters):
        return _filters_of(subject, subject.views[0])
    return {each.name: asked.get(each.name, "").strip() for each in subject.filters}


def _filters_of(subject: Subject, view: View) -> dict[str, str]:
    given = dict(view.given)
    return {each.name: given.get(each.name, "") for each in subject.filters}
