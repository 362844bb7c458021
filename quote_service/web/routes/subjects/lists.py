"""Lists: filtered and paged as the API does, with their state in the address.

Source: docs/spec/web.md#lists.
"""

from litestar import Response, get
from litestar.params import FromPath

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.people_names import WHO, people_names, with_names
from quote_service.web.routes.subjects.names import choices_of, names_in, title_of
from quote_service.web.routes.subjects.subject import may_write, schema_form, subject_for

_ROWS = 50


@get("/admin/{area:str}", opt={"page": FOR_STAFF})
async def show_list(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """A page of a list."""
    page = page_of(request)
    subject = subject_for(page, area)
    given = {name: request.query_params.get(name, "").strip() for name in (each.name for each in subject.filters)}
    cursor = request.query_params.get("cursor", "")
    answer = await page.api.call("GET", subject.path, query={**given, "limit": _ROWS, "cursor": cursor})
    document = answer.document or {}
    form = await schema_form(request, page)
    types = tuple(form.variants({"$ref": f"#/components/schemas/{subject.draft}"})) if subject.draft else ()
    shows_who = any(column.member in WHO for column in subject.columns)
    people = await people_names(page) if shows_who else {}
    rows = with_names(document.get("data") or [], people)
    labels = await choices_of(page, subject)
    named = await names_in(page, subject, rows)
    return page.show(
        "subjects/list.html",
        status=200 if answer.is_good else answer.status,
        subject=subject,
        rows=rows,
        named=named,
        titles=[title_of(subject, row, named) for row in rows],
        next_cursor=document.get("next_cursor"),
        given=given,
        choices={
            each.name: each.choices or tuple(labels.get(each.name, ())) or (types if each.name == "type" else ())
            for each in subject.filters
        },
        labels=labels,
        is_filtered=any(given.values()),
        is_first=not cursor,
        fault="" if answer.is_good else document.get("detail", ""),
        faults=[] if answer.is_good else [fault["detail"] for fault in document.get("errors", ())],
        may_create=bool(subject.draft) and may_write(page, subject),
    )
