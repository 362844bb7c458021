"""`/docs`: the API for people, made from its description: what there is, how it is called, and calls to try.

Source: docs/spec/web.md#api-reference.
"""

from typing import Any, NamedTuple
from urllib.parse import quote

from litestar import Response, get

from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest, page_of

DESCRIPTION = "/docs/openapi.json"
_INDEX = "api_reference"


class OperationLink(NamedTuple):
    """An operation in the index: where the page shows it, and what is shown of it."""

    anchor: str
    method: str
    path: str
    summary: str


class OperationGroup(NamedTuple):
    """The operations of a subject."""

    name: str
    description: str
    operations: tuple[OperationLink, ...]


class ReferenceIndex(NamedTuple):
    """What the page says before its script runs."""

    summary: str
    description: str
    groups: tuple[OperationGroup, ...]


@get("/docs", opt={"page": FOR_EVERYBODY})
async def show_api_reference(request: PageRequest) -> Response[str]:
    """The API reference."""
    page = page_of(request)
    index: ReferenceIndex | None = request.app.state.get(_INDEX)
    if index is None:
        index = request.app.state[_INDEX] = reference_index(await page.api.get(DESCRIPTION))
    return page.show("api_reference.html", index=index, description_path=DESCRIPTION)


def reference_index(document: dict[str, Any]) -> ReferenceIndex:
    """What there is, from the API's description: by subject, in its order."""
    groups = []
    for tag in document["tags"]:
        name = tag["name"]
        operations = tuple(
            OperationLink(f"#/{quote(name)}/{operation['operationId']}", method.upper(), path, operation["summary"])
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if name in operation["tags"]
        )
        groups.append(OperationGroup(name, tag["description"], operations))
    return ReferenceIndex(document["info"]["summary"], document["info"]["description"], tuple(groups))
