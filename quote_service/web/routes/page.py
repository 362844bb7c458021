"""One request for a page: who looks, the API as they may call it, and how an answer is made.

Source: docs/spec/web.md#pages.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import MediaType, Request, Response

from quote_service.http.parts import parts_of
from quote_service.settings import Settings
from quote_service.system.errors import Malformed
from quote_service.web.rendering.templates import Templates
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.words.person import Person

PageRequest = Request[Any, Any, Any]
_PAGE: Final = "page"
_TEMPLATES: Final = "templates"
# Scripts, styles and pictures of our own alone; no script or style within a page, no frame, no form that leads away.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "HX-Request"}


class Page:
    """What a handler of a page works with; `person` is None on the few pages that everybody sees."""

    __slots__ = ("_templates", "api", "path", "person")

    def __init__(self, templates: Templates, path: str, person: Person | None, api: OwnApi) -> None:
        self._templates = templates
        self.path = path
        self.person = person
        self.api = api

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """A page, or a part of one, by its template."""
        html = self.draw(template, **context)
        return Response(html, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)

    def draw(self, template: str, **context: Any) -> str:
        """The HTML of a template."""
        return self._templates.render(template, {"person": self.person, "path": self.path, **context})


def set_page(request: PageRequest, page: Page) -> None:
    """Note who looks, once that is known."""
    request.scope["state"][_PAGE] = page


def page_of(request: PageRequest) -> Page:
    """The page of this request."""
    page = request.scope["state"].get(_PAGE)
    assert isinstance(page, Page)  # the gate in front of every handler has set it
    return page


def is_part(request: PageRequest) -> bool:
    """Whether a part of the open page is wanted, and not a whole one."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def templates_of(request: PageRequest) -> Templates:
    """The templates of this process."""
    templates = request.app.state[_TEMPLATES]
    assert isinstance(templates, Templates)
    return templates


def public_url_of(request: PageRequest) -> str:
    """Where people reach the pages, as it is set, or else as this browser asks; without a slash at its end."""
    return (parts_of(request)[Settings].public_url or str(request.base_url)).rstrip("/")


def go_to(request: PageRequest, path: str) -> Response[str]:
    """Lead to another page."""
    if request.headers.get("hx-request") == "true":
        # A redirect would be followed by the script, and the other page end up within this one.
        return Response("", status_code=200, media_type=MediaType.HTML, headers={**_HEADERS, "HX-Redirect": path})
    return Response("", status_code=303, media_type=MediaType.HTML, headers={**_HEADERS, "Location": path})


async def form_of(request: PageRequest) -> dict[str, list[str]]:
    """The fields of a form, each with what was given for it, in their order.

    Raises:
        Malformed: It is not UTF-8, or has more fields than any form here.
    """
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=2000, errors="strict")
    except (UnicodeDecodeError, ValueError) as broken:
        raise Malformed("the form cannot be read") from broken
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def first(fields: dict[str, list[str]], name: str, otherwise: str = "") -> str:
    """What was given for a field first, without white space around it."""
    return fields.get(name, [otherwise])[0].strip()
