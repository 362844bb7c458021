"""Forms that create and change: made from what the API takes, refused in its words.

Source: docs/spec/web.md#forms.
"""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.web.model.example_basket import example_basket
from quote_service.web.model.subjects.subject import Subject
from quote_service.web.rendering.changes import changes_between
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.schema_fields import Schema, SchemaForm
from quote_service.web.rendering.texts import shown_title
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of
from quote_service.web.routes.playground.playground import playground_page
from quote_service.web.routes.pricing.drafts import drafts_of, is_past
from quote_service.web.routes.pricing.last_week import last_week_with
from quote_service.web.routes.subjects.names import names_in, title_of
from quote_service.web.routes.subjects.subject import draft_schema, may_write, schema_form, subject_for

_STALE = 412
_TAKEN = 409
_VERSIONS = 30
_EXAMPLE_PRODUCTS = 50


@get("/admin/{area:str}/new", opt={"page": FOR_STAFF})
async def show_new(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """An empty form; where a draft has several shapes, first the choice of one."""
    page = page_of(request)
    subject = _writable(page, area, "draft")
    form = await schema_form(request, page)
    variant = request.query_params.get("type", "")
    variants = form.variants({"$ref": f"#/components/schemas/{subject.draft}"})
    of = request.query_params.get("of", "")
    if variants and variant not in variants and not of:
        described = {name: form.about(schema) for name, schema in variants.items()}
        return page.show("subjects/choose.html", subject=subject, variants=described)
    document = await _copied(page, subject, of) if of else {}
    variant = str(document.get("type", variant)) if variants else ""
    schema = draft_schema(form, subject.draft, variant)
    return await _form_page(page, subject, form, schema, document, variant=variant, of=of)


@post("/admin/{area:str}/new", status_code=200, opt={"page": FOR_STAFF})
async def create_object(request: PageRequest, area: FromPath[str]) -> Response[str]:
    """Create it."""
    page, fields = page_of(request), await form_of(request)
    subject = _writable(page, area, "draft")
    form, of = await schema_form(request, page), first(fields, "of")
    variant = first(fields, "variant") or first(fields, "/type")
    schema = draft_schema(form, subject.draft, variant)
    try:
        document = read_form_document(form, schema, fields)
    except FormUnreadable as unreadable:
        kept: dict[str, Any] = {"variant": variant, "of": of}
        return await _form_page(page, subject, form, schema, unreadable.document, faults=unreadable.faults, **kept)
    if elsewhere := await _elsewhere(request, page, subject, document, fields):
        return elsewhere
    # The same form sent twice is one object.
    headers = {"Idempotency-Key": first(fields, "key")}
    answer = await page.api.call("POST", subject.path, document, headers=headers)
    if not answer.is_good:
        return await _form_page(page, subject, form, schema, document, variant=variant, refused=answer, of=of)
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
    if wanted := request.query_params.get("version", ""):
        history = await page.api.find(f"{subject.path}/{object_id}/history", {"limit": _VERSIONS}) or []
        document = next((row for row in history if str(row["version"]) == wanted), document)
    variant = str(document.get("type", ""))
    schema = draft_schema(form, subject.change, variant)
    version = answer.headers.get("etag", "")
    if subject.playground == "rule" and is_past(document.get("effective_from")):
        document = {**document, "effective_from": None}  # a version counts from when it is saved, or as somebody says
    return await _form_page(
        page, subject, form, schema, document, variant=variant, object_id=object_id, version=version
    )


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
        return await _form_page(page, subject, form, schema, unreadable.document, faults=unreadable.faults, **kept)
    if elsewhere := await _elsewhere(request, page, subject, document, fields):
        return elsewhere
    path = f"{subject.path}/{object_id}"
    answer = await page.api.call(subject.change_method, path, document, headers={"If-Match": version})
    if answer.is_good:
        changed = answer.data if isinstance(answer.data, dict) else {}
        return go_to(request, f"/admin/{subject.area}/{changed.get('id', object_id)}?done=saved")
    theirs = None
    if answer.status in (_STALE, _TAKEN):
        now = await _as_it_is(page, subject, object_id)
        kept["version"] = now.headers.get("etag", "")
        # A rule's next version has an id of its own, from which the next save begins.
        theirs, kept["object_id"] = now.data, str(now.data.get("id", object_id))
    return await _form_page(page, subject, form, schema, document, refused=answer, theirs=theirs, **kept)


async def _copied(page: Page, subject: Subject, object_id: str) -> dict[str, Any]:
    """What a copy begins with: another name, and a beginning of its own."""
    held: dict[str, Any] = page.api.require(await page.api.call("GET", f"{subject.path}/{object_id}")).data
    return {**held, "name": f"{held['name']}-2" if "name" in held else None, "effective_from": None}


async def _as_it_is(page: Page, subject: Subject, object_id: str) -> ApiAnswer:
    """The object as somebody else has left it: of a rule its newest version."""
    now = page.api.require(await page.api.call("GET", f"{subject.path}/{object_id}"))
    if subject.playground != "rule":
        return now
    versions = await page.api.find(f"{subject.path}/versions", {"name": now.data["name"], "limit": 1})
    newest = versions[0]["id"] if versions else object_id
    return page.api.require(await page.api.call("GET", f"{subject.path}/{newest}"))


async def _form_page(
    page: Page,
    subject: Subject,
    form: SchemaForm,
    schema: Schema,
    document: dict[str, Any],
    *,
    variant: str,
    object_id: str = "",
    version: str = "",
    of: str = "",
    faults: dict[str, str] | None = None,
    refused: ApiAnswer | None = None,
    theirs: dict[str, Any] | None = None,
) -> Response[str]:
    found = dict(faults or {}) if refused is None else refused.faults
    status = 200 if refused is None and not faults else STATUS_OF_KIND["invalid"] if refused is None else refused.status
    fields = form.fields(schema, document, found)
    products: list[dict[str, Any]] = []
    if subject.playground:
        products = await page.api.find("/api/v1/products", {"limit": _EXAMPLE_PRODUCTS, "is_active": "true"}) or []
    return page.show(
        "subjects/form.html",
        status=status,
        subject=subject,
        variant=variant,
        fields=fields,
        draft_name=subject.change if object_id else subject.draft,
        about=form.about(schema) if variant else subject.about_new or subject.about,
        object_id=object_id,
        version=version,
        key=secrets.token_urlsafe(16),
        problem=refused.problem if refused is not None else "",
        faults=found,
        theirs=theirs,
        theirs_changes=changes_between(document, {name: theirs.get(name) for name in document}) if theirs else [],
        of=of,
        products=products,
        title=shown_title(
            subject.one, title_of(subject, document, await names_in(page, subject, [document])), object_id
        ),
    )


async def _elsewhere(
    request: PageRequest, page: Page, subject: Subject, document: dict[str, Any], fields: dict[str, list[str]]
) -> Response[str] | None:
    """The draft as something to suppose before it is saved: in the playground, or for what was sold last week."""
    wanted = first(fields, "to")
    if not subject.playground or wanted not in ("playground", "replay"):
        return None
    if wanted == "playground":
        products = await page.api.find("/api/v1/products", {"limit": _EXAMPLE_PRODUCTS, "is_active": "true"}) or []
        basket = example_basket(document, products, {})
        return await playground_page(
            page, await schema_form(request, page), {drafts_of(subject): json_text([document])}, basket
        )
    asked = last_week_with(subject, document, first(fields, "object"))
    answer = page.api.require(await page.api.call("POST", "/api/v1/analytics/replay", asked))
    return go_to(request, f"/admin/replays/{answer.data['id']}")


def _writable(page: Page, area: str, what: str) -> Subject:
    subject = subject_for(page, area)
    if not getattr(subject, what) or not may_write(page, subject):
        raise NotFoundException
    return subject
