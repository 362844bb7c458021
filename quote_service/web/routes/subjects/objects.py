"""One object: everything the API reports it, what belongs to it, and what can be done.

Source: docs/spec/web.md#objects.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.model.subjects.subject import Action, Subject
from quote_service.web.rendering.cells import facts
from quote_service.web.rendering.texts import shown_title
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.people_names import people_names, with_names
from quote_service.web.routes.subjects.names import names_in, title_of
from quote_service.web.routes.subjects.pictures import picture_of
from quote_service.web.routes.subjects.subject import may_write, subject_for
from quote_service.web.routes.subjects.versions import versions_of

_BESIDE_ROWS = 20


@get("/admin/{area:str}/{object_id:str}", opt={"page": FOR_STAFF})
async def show_object(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The object."""
    page = page_of(request)
    subject = subject_for(page, area)
    return await object_page(page, subject, object_id, done=request.query_params.get("done", ""))


async def object_page(
    page: Page, subject: Subject, object_id: str, *, done: str = "", refused: ApiAnswer | None = None
) -> Response[str]:
    """The page of an object, with what was done to it or why not.

    Raises:
        ApiRefused: The API does not show it.
    """
    answer = await read_object(page, subject, object_id)
    document = answer.data
    names = await people_names(page)
    beside = []
    for part in subject.beside:
        found = await page.api.find(
            f"{subject.path}/{object_id}{part.path}", {"limit": _BESIDE_ROWS} if part.is_paged else None
        )
        if found is not None:
            rows = found if isinstance(found, list) else [found]
            beside.append((part, with_names(rows, names)))
    named = await names_in(page, subject, [document, *(row for _, rows in beside for row in rows)])
    picture = await picture_of(page, subject.area, document)
    problem = (refused.document or {}) if refused is not None else {}
    return page.show(
        "subjects/object.html",
        status=200 if refused is None else refused.status,
        subject=subject,
        object_id=object_id,
        document=document,
        title=shown_title(subject.one, title_of(subject, document, named), object_id),
        facts=list(
            facts(with_names({name: value for name, value in document.items() if value is not None}, names), named)
        ),
        named=named,
        beside=beside,
        picture=picture,
        **(picture.context if picture is not None else {}),
        versions=await versions_of(page, subject, document, names),
        may_copy=bool(subject.playground) and may_write(page, subject),
        version=answer.headers.get("etag", ""),
        actions=[action for action in subject.actions if is_possible(page, action, document)],
        may_change=bool(subject.change) and may_write(page, subject) and _can_change(subject, document),
        done=next(
            (action.done or f"{action.label}: done." for action in subject.actions if action.name == done),
            "Saved." if done == "saved" else "",
        ),
        refusal=problem.get("detail", ""),
    )


async def read_object(page: Page, subject: Subject, object_id: str) -> ApiAnswer:
    """The object, with its version.

    Raises:
        ApiRefused: The API does not show it.
    """
    answer = await page.api.call("GET", f"{subject.path}/{object_id}")
    return answer if answer.is_good else await _from_list(page, subject, object_id, answer)


async def _from_list(page: Page, subject: Subject, object_id: str, refused: ApiAnswer) -> ApiAnswer:
    """Some subjects have a list and no single object: an account of the ledger, a row of the audit log."""
    if refused.status not in (404, 405):
        page.api.require(refused)
    for row in await page.api.find(subject.path, {"limit": 200}) or ():
        if str(row.get("id")) == object_id:
            return ApiAnswer(200, {}, b"", {"data": row})
    page.api.require(refused)
    raise NotFoundException


def is_possible(page: Page, action: Action, document: dict[str, Any]) -> bool:
    """Whether this person is offered to do it to this object as it is; the API decides all the same."""
    if page.person is None or not page.person.is_one_of(*action.roles):
        return False
    return all(_holds(document, *each) for each in (action.only_when, action.also_when) if each is not None)


def _holds(document: Mapping[str, Any], member: str, values: tuple[str, ...]) -> bool:
    return str(document.get(member)) in values if values else document.get(member) not in (None, [])


def _can_change(subject: Subject, document: Mapping[str, Any]) -> bool:
    member, values = subject.change_when or ("", ())
    return subject.change_when is None or document.get(member) in values
