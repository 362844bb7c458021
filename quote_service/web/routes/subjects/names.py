"""What the ids within rows stand for, by its name and with its page.

Source: docs/spec/web.md#lists.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from quote_service.web.model.subjects.intelligence import MODELS
from quote_service.web.model.subjects.pricing import REPLAYS
from quote_service.web.model.subjects.subject import Reference, Subject
from quote_service.web.rendering.cells import Named, Names
from quote_service.web.rendering.texts import words_of
from quote_service.web.routes.page import Page

_CHOICES = 200
# Of a policy: of a product, a category or everything.
_ABOUT = "product_id"


async def names_in(page: Page, subject: Subject, rows: Sequence[Mapping[str, Any]]) -> dict[str, Named]:
    """Names for the members of rows that the subject refers to others by; what the API does not show is left out."""
    asked = {
        (str(row[reference.member]), reference)
        for reference in subject.references
        for row in rows
        if row.get(reference.member)
    }
    found = await asyncio.gather(*(_named(page, object_id, reference) for object_id, reference in asked))
    return {object_id: named for (object_id, _), named in zip(asked, found, strict=True) if named is not None}


def title_of(subject: Subject, document: Mapping[str, Any], named: Names) -> str:
    """What an object is called: by its own name, by that of what it is about, or by its kind."""
    title = document.get(subject.title)
    if subject.area == MODELS.area and "learned_until" in document:
        return f"Demand until {_day(document['learned_until'])}"
    if subject.area == REPLAYS.area and "from" in document and "to" in document:
        return f"Quotes of {_day(document['from'])} to {_day(document['to'])}"
    if title is None and subject.title == _ABOUT:
        about = named.get(str(document.get("category_id")))
        return "All products" if about is None else about.name
    known = named.get(str(title))
    if known is not None:
        return known.name
    return words_of(str(title)) if title and subject.title == "kind" else str(title or "")


async def choices_of(page: Page, subject: Subject) -> dict[str, dict[str, str]]:
    """For each filter that is one of the API's objects, their names by id."""
    found = {}
    for each in subject.filters:
        if each.of:
            rows = await page.api.find(each.of, {"limit": _CHOICES}) or []
            found[each.name] = {str(row["id"]): str(row["name"]) for row in rows}
    return found


async def _named(page: Page, object_id: str, reference: Reference) -> Named | None:
    document = await page.api.find(f"{reference.path}/{object_id}")
    if document is None:
        return None
    path = f"/admin/{reference.area}/{object_id}" if reference.area else ""
    return Named(str(document.get(reference.title) or object_id), path)


def _day(text: str) -> str:
    day = date.fromisoformat(text[:10])
    return f"{day.day} {day:%B %Y}"
