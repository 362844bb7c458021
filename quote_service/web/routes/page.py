"""One request for a page: who looks, the API as they may call it, and how an answer is made.

Source: docs/spec/web.md#pages.
"""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import MediaType, Response

from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Malformed
from quote_service.platform.system.packages import IntelligencePackages
from quote_service.platform.system.time_zones import zone
from quote_service.web.model.navigation import INTELLIGENCE_AREAS, is_of_area
from quote_service.web.model.person import Person
from quote_service.web.rendering.templates import Templates
from quote_service.web.routes.cookies import zone_cookie, zone_of_cookies
from quote_service.web.routes.own_api import OwnApi

PageRequest = AnyRequest
_PAGE: Final = "page"
_TEMPLATES: Final = "templates"
# Scripts, styles and pictures of our own alone; no script or style within a page, no frame, no form that leads away.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "HX-Request"}


class Page:
    """What a handler of a page works with.

    Attributes:
        api: The API as they may call it.
        path: Of the page.
        person: Who looks; None on the few pages that everybody sees.
        notice: What to know of this part of the service before anything else; empty where there is nothing.
        time_zone: The one they chose to see figures by; empty where they chose none.
    """

    __slots__ = ("_cookie", "_templates", "api", "notice", "path", "person", "time_zone")

    def __init__(self, templates: Templates, path: str, person: Person | None, api: OwnApi) -> None:
        self._templates = templates
        self.path = path
        self.person = person
        self.api = api
        self.notice = ""
        self.time_zone = ""
        self._cookie = ""

    def choose_zone(self, time_zone: str, cookie: str = "") -> None:
        """Show figures by this zone; `cookie` is what keeps the choice, where it is new."""
        self.time_zone, self._cookie = time_zone, cookie

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """A page, or a part of one, by its template."""
        html = self.draw(template, **context)
        headers = {**_HEADERS, "Set-Cookie": self._cookie} if self._cookie else _HEADERS
        return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)

    def draw(self, template: str, **context: Any) -> str:
        """The HTML of a template."""
        return self._templates.render(
            template,
            {"person": self.person, "path": self.path, "time_zone": self.time_zone, "notice": self.notice, **context},
        )


def set_page(request: PageRequest, page: Page) -> None:
    """Note who looks, once that is known, and by which time zone they do."""
    chosen = request.query_params.get("time_zone") if page.person is not None else None
    if chosen is None:
        page.choose_zone(zone_of_cookies(request.headers.get("cookie", "")) or "")
    elif not chosen or zone(chosen) is not None:
        page.choose_zone(chosen, zone_cookie(parts_of(request)[Settings], chosen))
    packages = parts_of(request).find(IntelligencePackages)
    if packages is not None and is_of_area(page.path, INTELLIGENCE_AREAS):
        page.notice = packages.notice or ""
    request.scope["state"][_PAGE] = page


def clock_of(page: Page) -> dict[str, str]:
    """The time zone that was chosen as part of a query of figures; empty where none was."""
    return {"time_zone": page.time_zone} if page.time_zone else {}


def with_zone(request: PageRequest, asked: dict[str, str]) -> dict[str, str]:
    """A query of figures with the time zone that is asked for, known or not, or else the one that was chosen."""
    given = request.query_params.get("time_zone", "").strip() or page_of(request).time_zone
    return {**asked, "time_zone": given} if given else asked


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
        Malformed: As `read_form`.
    """
    return read_form(await request.body())


def read_form(body: bytes) -> dict[str, list[str]]:
    """Read a form as browsers encode it.

    Raises:
        Malformed: It is not UTF-8, has a `%` that escapes nothing, or has more fields than any form here.
    """
    if _NO_ESCAPE.search(body):  # no browser sends it, and the library takes long to read many of them
        raise Malformed("the form cannot be read")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=2000, errors="strict")
    except (UnicodeDecodeError, ValueError) as broken:
        raise Malformed("the form cannot be read") from broken
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def first(fields: dict[str, list[str]], name: str, otherwise: str = "") -> str:
    """What was given for a field first, without white space around it."""
    return fields.get(name, [otherwise])[0].strip()
