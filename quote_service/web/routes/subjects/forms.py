"""Forms that create and change: made from what the API takes, refused in its words.

Source: docs/spec/web.md#forms.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.http.problems import STATUS_OF_KIND
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.schema_fields import Schema, SchemaForm
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of
from quote_service.web.routes.playground.playground import playground_page
from quote_service.web.routes.subjects.subject import draft_schema, may_write, schema_form, subject_for
from quote_service.web.words.subjects.subject import Subject

_STALE = 412
_REPLAYED = timedelta(days=7)


@get("/admin/{area:str}/new", opt={"page": FOR_STAFF})
async def show_new(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """An empty form; where a draft has several shapes, first the choice of one."""
    page = page_of(request)
    subject = _writable(page, area, "draft")
    form = await schema_form(request, page)
    variant = request.query_params.get("type", "")
    variants = form.variants({"$ref": f"#/components/schemas/{subject.draft}"})
    if variants and variant not in variants:
        described = {name: schema.get("description", "") for name, schema in variants.items()}
        return page.show("subjects/choose.html", subject=subject, variants=described)
    return _form_page(page, subject, form, draft_schema(form, subject.draft, variant), {}, variant=variant)


@post("/admin/{area:str}/new", status_code=200, opt={"page": FOR_STAFF})
async def create_object(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """Create it."""
    page, fields = page_of(request), await form_of(request)
    subject = _writable(page, area, "draft")
    form, variant = await schema_form(request, page), first(fields, "variant") or first(fields, "/type")
    schema = draft_schema(form, subject.draft, variant)
    try:
        document = read_form_document(form, schema, fields)
    except FormUnreadable as unreadable:
        return _form_page(page, subject, form, schema, unreadable.document, variant=variant, faults=unreadable.faults)
    if elsewhere := await _elsewhere(request, page, subject, document, fields):
        return elsewhere
    # The same form sent twice is one object.
    headers = {"Idempotency-Key": first(fields, "key")}
    answer = await page.api.call("POST", subject.path, document, headers=headers)
    if not answer.is_good:
        return _form_page(page, subject, form, schema, document, variant=variant, refused=answer)
    made = answer.data
    if ("key" in made and subject.area == "api-keys") or "secret" in made:
        return page.show("subjects/shown_once.html", subject=subject, made=made)
    return go_to(request, f"/admin/{subject.area}/{made['id']}?done=saved")


@get("/admin/{area:str}/{object_id:str}/edit", opt={"page": FOR_STAFF})
async def show_edit(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The form with what there is."""
    page = page_of(request)
    subject = _writable(page, area, "change")
    form = await schema_form(request, page)
    answer = page.api.require(await page.api.call("GET", f"{subject.path}/{object_id}"))
    document = answer.data
    variant = str(document.get("type", ""))
    schema = draft_schema(form, subject.change, variant)
    version = answer.headers.get("etag", "")
    return _form_page(page, subject, form, schema, document, variant=variant, object_id=object_id, version=version)


@post("/admin/{area:str}/{object_id:str}/edit", status_code=200, opt={"page": FOR_STAFF})
async def change_object(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Change it, if nobody has in the meantime."""
    page, fields = page_of(request), await form_of(request)
    subject = _writable(page, area, "change")
    form, version = await schema_form(request, page), first(fields, "version")
    variant = first(fields, "variant") or first(fields, "/type")
    schema = draft_schema(form, subject.change, variant)
    kept: dict[str, Any] = {"variant": variant, "object_id": object_id, "version": version}
    try:
        document = read_form_document(form, schema, fields)
    except FormUnreadable as unreadable:
        return _form_page(page, subject, form, schema, unreadable.document, faults=unreadable.faults, **kept)
    if elsewhere := await _elsewhere(request, page, subject, document, fields):
        return elsewhere
    path = f"{subject.path}/{object_id}"
    answer = await page.api.call(subject.change_method, path, document, headers={"If-Match": version})
    if answer.is_good:
        changed = answer.data if isinstance(answer.data, dict) else {}
        return go_to(request, f"/admin/{subject.area}/{changed.get('id', object_id)}?done=saved")
    theirs = None
    if answer.status == _STALE:
        now = page.api.require(await page.api.call("GET", path))
        theirs, kept["version"] = now.data, now.headers.get("etag", "")
    return _form_page(page, subject, form, schema, document, refused=answer, theirs=theirs, **kept)


def _form_page(
    page: Page,
    subject: Subject,
    form: SchemaForm,
    schema: Schema,
    document: dict[str, Any],
    *,
    variant: str,
    object_id: str = "",
    version: str = "",
    faults: dict[str, str] | None = None,
    refused: ApiAnswer | None = None,
    theirs: dict[str, Any] | None = None,
) -> Response[str]:
    found = dict(faults or {}) if refused is None else refused.faults
    status = 200 if refused is None and not faults else STATUS_OF_KIND["invalid"] if refused is None else refused.status
    fields = form.fields(schema, document, found)
    return page.show(
        "subjects/form.html",
        status=status,
        subject=subject,
        variant=variant,
        fields=fields,
        draft_name=subject.change if object_id else subject.draft,
        about=form.resolve(schema).get("description", ""),
        object_id=object_id,
        version=version,
        key=secrets.token_urlsafe(16),
        problem=(refused.document or {}).get("detail", "") if refused is not None else "",
        faults=found,
        theirs=theirs,
        title=document.get(subject.title) or object_id,
    )


async def _elsewhere(
    request: PageRequest, page: Page, subject: Subject, document: dict[str, Any], fields: dict[str, list[str]]
) -> Response[str] | None:
    """The draft as something to suppose before it is saved: in the playground, or for what was sold last week."""
    wanted = first(fields, "to")
    if not subject.playground or wanted not in ("playground", "replay"):
        return None
    name = "draft_rules" if subject.playground == "rule" else "draft_rates"
    if wanted == "playground":
        return await playground_page(page, {name: json_text([document])})
    until = datetime.now(UTC)
    asked = {"from": _text(until - _REPLAYED), "to": _text(until), name: [document]}
    answer = page.api.require(await page.api.call("POST", "/api/v1/analytics/replay", asked))
    return go_to(request, f"/admin/replays/{answer.data['id']}")


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _writable(page: Page, area: str, what: str) -> Subject:
    subject = subject_for(page, area)
    if not getattr(subject, what) or not may_write(page, subject):
        raise NotFoundException
    return subject
