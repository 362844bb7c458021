"""One object: everything the API tells of it, what belongs to it, and what can be done.

Source: docs/spec/web.md#objects.
"""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.rendering.cells import facts
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of
from quote_service.web.routes.subjects.subject import may_write, subject_for
from quote_service.web.words.subjects import Action, Subject

_BESIDE_ROWS = 20


@get("/admin/{area:str}/{object_id:str}", opt={"page": FOR_STAFF})
async def show_object(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The object."""
    page = page_of(request)
    subject = subject_for(page, area)
    return await object_page(page, subject, object_id, done=request.query_params.get("done", ""))


@post("/admin/{area:str}/{object_id:str}/do/{name:str}", status_code=200, opt={"page": FOR_STAFF})
async def do_to_object(
    request: PageRequest, area: FromPath[str], object_id: FromPath[str], name: FromPath[str]
) -> Response[str]:
    """Do something to it, as the API lets this person."""
    page, fields = page_of(request), await form_of(request)
    subject = subject_for(page, area)
    action = next((action for action in subject.actions if action.name == name), None)
    if action is None:
        raise NotFoundException
    headers = {"If-Match": first(fields, "version")} if action.needs_version else {}
    reason = first(fields, "reason")
    document: dict[str, Any] | None = {"reason": reason} if reason else {} if action.asks_reason else None
    path = f"{subject.path}/{object_id}{action.path}"
    answer = await page.api.call(action.method, path, document, headers=headers)
    if answer.is_good:
        return go_to(request, f"/admin/{subject.area}/{_id_after(answer, object_id)}?done={action.name}")
    return await object_page(page, subject, object_id, refused=answer)


async def object_page(
    page: Page, subject: Subject, object_id: str, *, done: str = "", refused: ApiAnswer | None = None
) -> Response[str]:
    """The page of an object, with what was done to it or why not.

    Raises:
        ApiRefused: The API does not show it.
    """
    answer = await page.api.call("GET", f"{subject.path}/{object_id}")
    if not answer.is_good:
        answer = await _from_list(page, subject, object_id, answer)
    document = answer.data
    beside = []
    for part in subject.beside:
        found = await page.api.find(f"{subject.path}/{object_id}{part.path}", {"limit": _BESIDE_ROWS})
        if found is not None:
            beside.append((part, found if isinstance(found, list) else [found]))
    problem = (refused.document or {}) if refused is not None else {}
    return page.show(
        "subjects/object.html",
        status=200 if refused is None else refused.status,
        subject=subject,
        object_id=object_id,
        document=document,
        title=document.get(subject.title) or object_id,
        facts=list(facts({name: value for name, value in document.items() if value is not None})),
        beside=beside,
        version=answer.headers.get("etag", ""),
        actions=[action for action in subject.actions if _is_possible(page, action, document)],
        may_change=bool(subject.change) and may_write(page, subject),
        done=next(
            (action.label for action in subject.actions if action.name == done), "Saved" if done == "saved" else ""
        ),
        refusal=problem.get("detail", ""),
    )


async def _from_list(page: Page, subject: Subject, object_id: str, refused: ApiAnswer) -> ApiAnswer:
    """Some subjects have a list and no single object: an account of the ledger, a row of the audit log."""
    if refused.status not in (404, 405):
        page.api.require(refused)
    for row in await page.api.find(subject.path, {"limit": 200}) or ():
        if str(row.get("id")) == object_id:
            return ApiAnswer(200, {}, b"", {"data": row})
    page.api.require(refused)
    raise NotFoundException


def _is_possible(page: Page, action: Action, document: dict[str, Any]) -> bool:
    if page.person is None or not page.person.is_one_of(*action.roles):
        return False
    if action.only_when is None:
        return True
    member, values = action.only_when
    return str(document.get(member)) in values


def _id_after(answer: ApiAnswer, object_id: str) -> str:
    """A rollback makes another version, with an id of its own."""
    data = (answer.document or {}).get("data")
    return str(data["id"]) if isinstance(data, dict) and "id" in data and answer.status == 201 else object_id
