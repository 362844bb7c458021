"""`/docs`: the OpenAPI document for people, as one page without scripts, and for machines as JSON.

Source: docs/spec/operations.md#api-description.
"""

from html import escape
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get

from quote_service.access.words.access import PUBLIC
from quote_service.documents.documents import write_document
from quote_service.documents.exact_json import parse_json
from quote_service.http.openapi.described import Described
from quote_service.http.openapi.openapi import openapi_document
from quote_service.http.openapi.pages import page

_CACHED = {"Cache-Control": "max-age=300"}


@get(
    "/openapi.json",
    opt={
        "access": PUBLIC,
        "described": Described(
            form="document",
            answer=dict[str, Any],
            answer_example={"openapi": "3.1.0", "info": {"title": "Quote service", "version": "1"}, "paths": {}},
            tag="Documentation",
        ),
    },
)
async def show_openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the OpenAPI document."""
    return Response(_documents(request.app)[0], media_type=MediaType.JSON, headers=_CACHED)


@get("/", opt={"access": PUBLIC, "described": Described(form="page", tag="Documentation")})
async def show_docs(request: Request[Any, Any, Any]) -> Response[str]:
    """Read the API documentation."""
    return page("Quote service API", _documents(request.app)[1])


@get(
    "/",
    status_code=307,
    opt={
        "access": PUBLIC,
        "described": Described(form="nothing", headers={"Location": "`/docs`."}, tag="Documentation"),
    },
)
async def lead_to_docs() -> Response[str]:
    """Go to the API's documentation."""
    return Response("", status_code=307, media_type=MediaType.TEXT, headers={"Location": "/docs", **_CACHED})


docs = Router("/docs", route_handlers=[show_openapi_document, show_docs])
home = Router("/", route_handlers=[lead_to_docs])


def _documents(app: Litestar) -> tuple[bytes, str]:
    """Both forms, made at the first request and kept: the routes do not change."""
    kept: tuple[bytes, str] | None = app.state.get("openapi")
    if kept is None:
        encoded = write_document(openapi_document(app))
        kept = app.state["openapi"] = (encoded, _render(parse_json(encoded)))
    return kept


def _render(document: dict[str, Any]) -> str:
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])}</p><p class=dim>{_marked(info['description'])}</p>",
        '<p><a href="/docs/openapi.json">OpenAPI 3.1 (JSON)</a> · <a href="/problems">Problems</a></p>',
    ]
    for tag in document["tags"]:
        parts.append(f"<h2>{escape(tag['name'])}</h2>")
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    parts.append(_render_operation(path, method, operation))
    parts.append("<h2>Schemas</h2>")
    for name, schema in document["components"]["schemas"].items():
        described = f"<p>{_marked(schema.get('description', ''))}</p>"
        parts.append(
            f'<details id="schema-{escape(name)}"><summary>{escape(name)}</summary>{described}{_json(schema)}</details>'
        )
    return "".join(parts)


def _render_operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<details id="{escape(operation["operationId"])}"><summary><b>{method.upper()}</b> <code>{escape(path)}</code>'
        f" <small>{_marked(operation['summary'])}</small></summary><p>{_marked(operation.get('description', ''))}</p>"
    ]
    if rows := [_render_parameter(parameter) for parameter in operation.get("parameters", ())]:
        parts.append(f"<h3>Parameters</h3><table>{''.join(rows)}</table>")
    if body := operation.get("requestBody"):
        parts.append(f"<h3>Body</h3>{_render_content(body['content'])}")
    for status, response in operation["responses"].items():
        if status < "400":
            parts.append(f"<h3>{status}</h3>{_render_content(response.get('content', {}))}")
    problems = "".join(
        f"<tr><td>{status}<td>{_marked(response['description'])}</tr>"
        for status, response in operation["responses"].items()
        if status >= "400"
    )
    return "".join([*parts, f"<h3>Problems</h3><table>{problems}</table></details>"])


def _render_parameter(parameter: dict[str, Any]) -> str:
    required = " (required)" if parameter.get("required") else ""
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{parameter['in']}{required}"
        f"<td>{_marked(parameter.get('description', ''))}<td><code>{escape(_compact(parameter['schema']))}</code></tr>"
    )


def _render_content(content: dict[str, Any]) -> str:
    parts = []
    for media_type, shown in content.items():
        name = str(shown["schema"].get("$ref", "")).rpartition("/")[2]
        link = f' · <a href="#schema-{escape(name)}">{escape(name)}</a>' if name else ""
        parts.append(f"<p class=dim><code>{media_type}</code>{link}</p>")
        if "example" in shown:
            parts.append(_json(shown["example"]))
        elif not name and media_type != "text/html":
            parts.append(_json(shown["schema"]))
    return "".join(parts)


def _json(value: Any) -> str:
    return f"<pre>{escape(msgspec.json.format(write_document(value), indent=2).decode())}</pre>"


def _compact(value: Any) -> str:
    return write_document(value).decode()


def _marked(text: str) -> str:
    """Escaped, with `code` and paragraphs."""
    spans = escape(text).split("`")
    shown = "".join(f"<code>{span}</code>" if index % 2 else span for index, span in enumerate(spans))
    return shown.replace("\n\n", "</p><p>")
