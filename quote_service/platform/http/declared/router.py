"""The routes and the list of a resource.

    brands = router_of(BRANDS)

Each handler has the signature that one typed by hand would have, and is described by it (platform/http/endpoints).

Source: docs/decisions/declared-resources.md.
"""

from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any
from uuid import UUID

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import Endpoint, delete, get, patch, post, put
from quote_service.platform.http.endpoints.results import Answer, Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource import operations
from quote_service.platform.resource.examples import draft_example, patch_example, record_example, replacement_example
from quote_service.platform.resource.resource import Resource, Verb
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.platform.system.preconditions import Precondition

AnyResource = Resource[Any, Any]
_SUMMARIES: Mapping[Verb, str] = {
    "create": "Create {a} {one}.",
    "list": "List {many}.",
    "show": "Get {a} {one}.",
    "replace": "Replace {a} {one}.",
    "change": "Update {a} {one}.",
    "remove": "Delete {a} {one}.",
}
_NO_EXAMPLES: Mapping[type, Any] = {}
# Types that depend on the resource, and so are put together when its routes are made.
_FROM_PATH: Any = FromPath
_TAGGED: Any = Tagged
_ANSWER: Any = Answer
_ROWS: Any = ListRequest


def router_of(resource: AnyResource, *further: HTTPRouteHandler, examples: Mapping[type, Any] = _NO_EXAMPLES) -> Router:
    """The routes of a resource under its path, and those of its subject that stand there too.

    Args:
        resource: What is declared.
        further: Routes that are no part of keeping it.
        examples: Of what those take and give, by type.
    """
    made = (make(resource) for verb, make in _ROUTES.items() if verb in resource.verbs)
    options: dict[str, Any] = {"examples": examples, "meaning": resource.meaning}
    return Router(_path(resource), route_handlers=[*made, *further], opt=options)


def listing_of(resource: AnyResource) -> Listing[Any]:
    """The list of a resource."""
    return Listing(resource.many, resource.rows, resource.filters, sorts_when=resource.sorts_when)


def _create(resource: AnyResource) -> Endpoint:
    draft, record = resource.new or resource.draft, resource.record

    async def create(change: Change, data: Any) -> Any:
        object_id = None if resource.new is None else data.id
        made = await operations.create(resource, change, data, object_id)
        return Answer(made, customer_id=made.id) if resource.is_personal else made

    return post(
        access=resource.writers,
        body_example=draft_example(resource),
        example=record_example(resource),
        message=f"{resource.title} created",
        location=Location(f"{_path(resource)}/{{id}}", f"The {resource.one}."),
        problems=resource.problems.get("create", ()),
    )(
        _handler(
            create,
            resource,
            "create",
            _TAGGED[_ANSWER[record] if resource.is_personal else record],
            change=CreatingChange,
            data=draft,
        )
    )


def _list(resource: AnyResource) -> Endpoint:
    async def check(_: Connection, filters: Any) -> None:
        if faults := tuple(resource.filter_faults(filters)):
            raise Invalid.because(faults)

    async def list_all(rows: ListRequest[Any], caller: Caller) -> ListAnswer:
        return await rows.answer(shown=lambda record: resource.shown(record, caller), check=check)

    return get(
        access=resource.listers or resource.readers, example=record_example(resource), listing=listing_of(resource)
    )(_handler(list_all, resource, "list", ListAnswer, rows=_ROWS[resource.record], caller=Caller))


def _show(resource: AnyResource) -> Endpoint:
    async def show(connection: Connection, caller: Caller, object_id: UUID) -> Any:
        if not resource.sees(caller, object_id):
            raise NotFound(f"There is no such {resource.one}")
        return resource.shown(await operations.read(resource, connection, object_id), caller)

    return get(
        _path_of_one(resource),
        access=resource.readers,
        example=record_example(resource),
        message=resource.title,
        problems=resource.problems.get("show", ()),
    )(
        _handler(
            show,
            resource,
            "show",
            _TAGGED[resource.record],
            connection=Reading,
            caller=Caller,
            object_id=_FROM_PATH[UUID],
        )
    )


def _replace(resource: AnyResource) -> Endpoint:
    async def read_draft(request: AnyRequest, object_id: UUID) -> Any:
        return read_replacement(await request.body(), resource.draft, resource.record, object_id)

    async def replace(change: Change, object_id: UUID, draft: Any, precondition: Precondition) -> Any:
        return await operations.replace(resource, change, object_id, draft, precondition)

    read = _named(read_draft, resource, "read_draft", resource.draft, request=AnyRequest, object_id=_FROM_PATH[UUID])
    return put(
        _path_of_one(resource),
        access=resource.writers,
        body=resource.draft,
        body_example=replacement_example(resource),
        example=record_example(resource, version=2),
        message=f"{resource.title} replaced",
        problems=resource.problems.get("replace", ()),
        dependencies={"draft": read},
    )(_handler(replace, resource, "replace", _TAGGED[resource.record], **_WRITTEN, draft=resource.draft))


def _change(resource: AnyResource) -> Endpoint:
    async def change_some(change: Change, object_id: UUID, data: Any, precondition: Precondition) -> Any:
        return await operations.patch(resource, change, object_id, data, precondition)

    return patch(
        _path_of_one(resource),
        access=resource.writers,
        body_example=patch_example(resource),
        example=record_example(resource, version=2),
        message=f"{resource.title} changed",
        problems=resource.problems.get("change", resource.problems.get("replace", ())),
    )(
        _handler(
            change_some,
            resource,
            "change",
            _TAGGED[resource.record],
            **_WRITTEN,
            data=operations.patch_of(resource),
        )
    )


def _remove(resource: AnyResource) -> Endpoint:
    async def remove(change: Change, object_id: UUID, precondition: Precondition) -> None:
        await operations.remove(resource, change, object_id, precondition)

    return delete(_path_of_one(resource), access=resource.writers, problems=resource.problems.get("remove", ()))(
        _handler(remove, resource, "remove", None, **_WRITTEN)
    )


_WRITTEN: Mapping[str, Any] = MappingProxyType(
    {"change": WritingChange, "object_id": _FROM_PATH[UUID], "precondition": Precondition}
)
_ROUTES: Mapping[Verb, Callable[[AnyResource], Endpoint]] = {
    "create": _create,
    "list": _list,
    "show": _show,
    "replace": _replace,
    "change": _change,
    "remove": _remove,
}


def _path(resource: AnyResource) -> str:
    return f"/api/v1/{resource.many}"


def _path_of_one(resource: AnyResource) -> str:
    return f"/{{{resource.kind}_id:uuid}}"


def _handler(
    work: Callable[..., Awaitable[Any]], resource: AnyResource, verb: Verb, returned: Any, **takes: Any
) -> Callable[..., Any]:
    """The handler of a verb, with its name and what its description says."""
    many = resource.many.replace("-", " ")
    name = f"{verb}_{many.replace(' ', '_') if verb == 'list' else resource.kind}"
    made = _named(work, resource, name, returned, **takes)
    article = "an" if resource.one[0].lower() in "aeio" else "a"
    summary = _SUMMARIES[verb].format(a=article, one=resource.one, many=many)
    about = resource.about.get(verb, "Oldest first." if verb == "list" else "")
    made.__doc__ = f"{summary}\n\n{about}".strip()
    return made


def _named(
    work: Callable[..., Awaitable[Any]], resource: AnyResource, name: str, returned: Any, **takes: Any
) -> Callable[..., Any]:
    """A function with a signature of its own, in which the id has the resource's name."""
    key = f"{resource.kind}_id"

    async def made(**given: Any) -> Any:
        if key in given:
            given["object_id"] = given.pop(key)
        return await work(**given)

    parameters = [
        Parameter(key if each == "object_id" else each, Parameter.KEYWORD_ONLY, annotation=kind)
        for each, kind in takes.items()
    ]
    made.__name__ = made.__qualname__ = name
    made.__signature__ = Signature(parameters, return_annotation=returned)  # type: ignore[attr-defined]  # typeshed lacks what inspect reads
    return made
