"""What a route takes and gives, as its handler's signature says it.

Source: docs/spec/operations.md#api-description.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin

from litestar import Response

from quote_service.platform.http.endpoints.connections import Created
from quote_service.platform.http.endpoints.parameters import Sources
from quote_service.platform.http.endpoints.results import Answer, Tag
from quote_service.platform.http.openapi.described import VERSIONED, Described


def described_by(returned: Any, sources: Sources, declared: Mapping[str, Any]) -> Described:
    """The description; what is declared goes before what the signature says."""
    listing = declared.get("listing")
    location = declared.get("location")
    headers = VERSIONED if tag_in(returned) else {}
    found: dict[str, Any] = {
        "answer": data_in(returned),
        "answer_example": declared.get("example"),
        "query": sources.query,
        "repeatable": isinstance(sources.opened, Created),
        "conditional": sources.is_conditional,
        "headers": headers if location is None else {**headers, "Location": location.meaning},
    }
    if sources.body is not None and sources.body.kind is not bytes:
        found |= {"body": sources.body.kind, "body_is_required": sources.body.is_required}
    if sources.is_page:
        found |= {"form": "list", "answer": get_args(returned)[0]}
    elif returned in (None, NoneType):
        found["form"] = "nothing"
    found |= {name: description for name, description in declared.items() if name in Described._fields}
    return Described(**found) if listing is None else listing.described(found.pop("answer_example"), **_extra(found))


def data_in(returned: Any) -> Any:
    """The type of the data in what a handler returns; None where it is an answer already, or none."""
    if get_origin(returned) is Annotated and tag_in(returned) is not None:
        return data_in(get_args(returned)[0])
    if get_origin(returned) is Answer:
        return data_in(get_args(returned)[0])
    kinds = get_args(returned) if get_origin(returned) is UnionType else (returned,)
    is_complete = all(
        isinstance(kind := get_origin(each) or each, type) and issubclass(kind, Response) for each in kinds
    )
    return None if is_complete or returned in (None, NoneType) else returned


def tag_in(returned: Any) -> Tag | None:
    """Where the ETag of what a handler returns comes from, if it has one."""
    marks = returned.__metadata__ if get_origin(returned) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, Tag)), None)


def _extra(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a route has beside its list."""
    own = ("answer", "query", "form", "repeatable", "conditional")
    return {name: reported for name, reported in found.items() if name not in own}
