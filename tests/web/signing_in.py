"""People at the pages, as a browser would send what they do."""

from __future__ import annotations

import re
from html import unescape

import httpx

from tests.access.running import PATIENCE_SECONDS, Person, RunningService

COOKIE = "quote_session"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor:
    """A browser without scripts: keeps cookies, follows nothing by itself."""

    def __init__(self, service: RunningService) -> None:
        self.http = httpx.Client(base_url=service.url, timeout=PATIENCE_SECONDS)

    def sign_in(self, person: Person, *, wanted: str = "", password: str | None = None) -> httpx.Response:
        form = {"email": person.email, "password": person.password if password is None else password, "next": wanted}
        return self.http.post("/sign-in", data=form)

    def see(self, path: str) -> str:
        """The HTML of a page that is shown."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text

    def csrf(self, path: str = "/admin/style") -> str:
        """What a change must carry, as the page says."""
        found = _CSRF.search(self.see(path))
        assert found is not None
        return found[1]

    def send(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Submit a form of a page."""
        return self.http.post(path, data={"csrf": self.csrf(), **fields})


def text_of(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))
