"""Who did something, by e-mail address in place of an id, for whoever may see people.

Source: docs/spec/web.md#figures.
"""

import re
from collections.abc import Mapping
from typing import Any

from quote_service.web.routes.page import Page

_PEOPLE_MAX = 200
_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
#: Members that hold the id of somebody who can sign in.
WHO = frozenset(
    {
        "acknowledged_by",
        "actor",
        "author",
        "authors",
        "by",
        "updated_by",
        "published_by",
        "rolled_back_by",
        "created_by",
        "decided_by",
        "reviewed_by",
        "started_by",
    }
)


async def people_names(page: Page) -> dict[str, str]:
    """E-mail addresses by id: of everybody for an admin, of themselves for anybody else."""
    if page.person is None:
        return {}
    own = {str(page.person.user.id): page.person.user.email}
    people = await page.api.find("/api/v1/users", {"limit": _PEOPLE_MAX}) if page.person.role == "admin" else None
    return {str(each["id"]): each["email"] for each in people or ()} | own


def with_names(value: Any, names: Mapping[str, str]) -> Any:
    """The same document or list, with people by name wherever it says who; ids that nobody is known by stay."""
    if not names:
        return value
    if isinstance(value, list):
        return [with_names(each, names) for each in value]
    if isinstance(value, Mapping):
        return {name: _who(part, names) if name in WHO else with_names(part, names) for name, part in value.items()}
    return value


def _who(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_who(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else with_names(value, names)


def in_words(text: str, names: Mapping[str, str]) -> str:
    """A sentence of the API with people by name; of any other id in it the end is enough."""
    return _ID.sub(lambda found: names.get(found[0]) or f"…{found[0][-8:]}", text)
