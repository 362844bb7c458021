"""What is done to an object: at once after a question, or by a form of its own.

Source: docs/spec/web.md#objects.
"""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.web.model.decisions.sentences import headline
from quote_service.web.model.subjects.intelligence import DECISIONS
from quote_service.web.model.subjects.pricing import CHANGE_SETS
from quote_service.web.model.subjects.subject import Action, Subject
from quote_service.web.rendering.cells import facts
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.rendering.texts import shown_title
from quote_service.web.routes.change_sets.contents import KEEPS, contents_context
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of, public_url_of
from quote_service.web.routes.people_names import in_words, people_names
from quote_service.web.routes.selling.refund_preview import names_of, refund_preview
from quote_service.web.routes.subjects.names import names_in, title_of
from quote_service.web.routes.subjects.objects import is_possible, object_page, read_object
from quote_service.web.routes.subjects.pictures import simulated_path
from quote_service.web.routes.subjects.subject import draft_schema, schema_form, subject_for


@get("/admin/{area:str}/{object_id:str}/do/{name:str}", opt={"page": FOR_STAFF})
async def show_action(
    request: PageRequest, area: FromPath[str], object_id: FromPath[str], name: FromPath[str]
) -> Response[str]:
    """The form of what is to be done."""
    page = page_of(request)
    subject = subject_for(page, area)
    action = _action(subject, name)
    found = await read_object(page, subject, object_id)
    document = found.data
    if not action.draft or not is_possible(page, action, document):
        raise NotFoundException
    version = found.headers.get("etag", "")
    return await _form_page(request, page, subject, action, document, _beginning(action, document), version=version)


@post("/admin/{area:str}/{object_id:str}/do/{name:str}", status_code=200, opt={"page": FOR_STAFF})
async def do_to_object(
    request: PageRequest, area: FromPath[str], object_id: FromPath[str], name: FromPath[str]
) -> Response[str]:
    """Do it, as the API lets this person."""
    page, fields = page_of(request), await form_of(request)
    subject = subject_for(page, area)
    action = _action(subject, name)
    if action.draft:
        return await _do_by_form(request, page, subject, action, object_id, fields)
    headers = {"If-Match": first(fields, "version")} if action.needs_version else {}
    reason = first(fields, "reason")
    document: dict[str, Any] | None = {"reason": reason} if reason else None
    if document is None and (action.asks_reason or action.has_body):
        document = {}
    answer = await page.api.call(action.method, f"{subject.path}/{object_id}{action.path}", document, headers=headers)
    if answer.is_good and action.shows_once:
        link = public_url_of(request) + answer.data[action.shows_once]
        return page.show("subjects/shown_once.html", subject=subject, made={"secret": link})
    if answer.is_good and action.removes:
        return go_to(request, f"/admin/{subject.area}")
    if answer.is_good:
        return go_to(request, f"/admin/{subject.area}/{_id_after(answer, object_id)}?done={action.name}")
    return await object_page(page, subject, object_id, refused=answer)


async def _do_by_form(
    request: PageRequest, page: Page, subject: Subject, action: Action, object_id: str, fields: dict[str, list[str]]
) -> Response[str]:
    known = (await read_object(page, subject, object_id)).data
    version = first(fields, "version")
    form = await schema_form(request, page)
    try:
        document = read_form_document(form, draft_schema(form, action.draft, ""), fields)
    except FormUnreadable as unreadable:
        given = unreadable.document
        return await _form_page(request, page, subject, action, known, given, faults=unreadable.faults, version=version)
    is_preview = action.preview is not None and first(fields, "to") == "preview"
    # What is only asked for leaves the key to what is then done.
    headers = (
        {} if action.is_question else {"Idempotency-Key": first(fields, "key") + ("-preview" if is_preview else "")}
    )
    if action.needs_version:
        headers = {"If-Match": version}
    answer = await page.api.call(
        action.method,
        f"{subject.path}/{known[action.by]}{action.path}",
        document,
        query=dict([action.preview]) if is_preview and action.preview else None,
        headers=headers,
    )
    if answer.is_good and not is_preview and not action.is_question:
        return go_to(request, f"/admin/{subject.area}/{object_id}?done={action.name}")
    return await _form_page(request, page, subject, action, known, document, answer=answer, version=version)


async def _form_page(
    request: PageRequest,
    page: Page,
    subject: Subject,
    action: Action,
    known: dict[str, Any],
    document: dict[str, Any],
    *,
    faults: dict[str, str] | None = None,
    answer: ApiAnswer | None = None,
    version: str = "",
) -> Response[str]:
    form = await schema_form(request, page)
    schema = draft_schema(form, action.draft, "")
    refused = answer if answer is not None and not answer.is_good else None
    found = dict(faults or {}) if refused is None else await _faults_in_words(page, refused.faults)
    is_refund = action.draft == "RefundDraft"
    keeps = KEEPS.get(action.name, ()) if subject.area == CHANGE_SETS.area else ()
    body = answer.data if answer is not None and answer.is_good else None
    status = refused.status if refused is not None else STATUS_OF_KIND["invalid"] if faults else 200
    return page.show(
        "subjects/action.html",
        status=status,
        subject=subject,
        action=action,
        object_id=str(known.get("id") or known.get("product_id")),
        title=shown_title(
            subject.one, title_of(subject, known, await names_in(page, subject, [known])), str(known.get("id"))
        ),
        about=action.about or form.about(schema),
        headline=headline(known) if subject.area == DECISIONS.area else "",
        fields=form.fields(schema, document, found),
        draft_name=action.draft,
        faults=found,
        problem=refused.problem if refused is not None else "",
        explained=list(facts(body)) if isinstance(body, dict) and not is_refund else [],
        refund=await refund_preview(page, body) if isinstance(body, dict) and is_refund else None,
        keeps=keeps,
        given=_kept(document),
        conflicts=(await contents_context(page, known))["conflicts"] if keeps else [],
        lines=await _lines_of(page, known) if is_refund else [],
        drawn=simulated_path(body) if isinstance(body, dict) and "price_path" in body else None,
        known=known,
        version=version,
        key=secrets.token_urlsafe(16),
    )


def _beginning(action: Action, known: dict[str, Any]) -> dict[str, Any]:
    """What the form begins with: for a refund a row for each line, for a review the edition that is seen."""
    if action.draft == "ReviewDraft":
        return {"edition": known.get("edition")}
    if action.draft != "RefundDraft":
        return {}
    lines = known.get("lines", known.get("items", ()))
    return {
        "lines": [{"line_id": line["line_id"], "quantity": line["quantity"]} for line in lines if "line_id" in line]
    }


async def _lines_of(page: Page, known: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """The lines of an order, each with the name of what was bought."""
    lines = known.get("lines", ())
    names = await names_of(page, "/api/v1/products", (line["product_id"] for line in lines))
    return [(line, names.get(line["product_id"], "")) for line in lines]


async def _faults_in_words(page: Page, faults: dict[str, str]) -> dict[str, str]:
    """With people by name: who has changed something is told by id."""
    names = await people_names(page) if faults else {}
    return {pointer: in_words(fault, names) for pointer, fault in faults.items()}


def _kept(document: dict[str, Any]) -> dict[str, str]:
    """What was chosen of each conflict."""
    rows = document.get("resolutions") or ()
    return {str(each.get("pointer")): str(each.get("keep", "")) for each in rows if isinstance(each, dict)}


def _action(subject: Subject, name: str) -> Action:
    action = next((action for action in subject.actions if action.name == name), None)
    if action is None:
        raise NotFoundException
    return action


def _id_after(answer: ApiAnswer, object_id: str) -> str:
    """A rollback makes another version, with an id of its own."""
    data = (answer.document or {}).get("data")
    return str(data["id"]) if isinstance(data, dict) and "id" in data and answer.status == 201 else object_id
