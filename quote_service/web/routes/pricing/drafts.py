"""What is filled into the editor of a rule or rate, and what it is compared with.

Source: docs/spec/web.md#editors.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from litestar.exceptions import NotFoundException

from quote_service.web.model.subjects.subject import Subject
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.routes.page import Page, PageRequest, first, form_of
from quote_service.web.routes.subjects.subject import draft_schema, may_write, schema_form, subject_for

_EXAMPLE = "example_"
_EXAMPLE_FIELDS = ("city", "country", "product_id", "quantity", "express", "tier")


class GivenDraft(NamedTuple):
    """A draft: its document, the object that it would replace or was copied from, and how the example basket is wanted."""

    subject: Subject
    document: dict[str, Any]
    faults: dict[str, str]
    replaces: str
    copied_from: str
    example: dict[str, str]

    @property
    def supposed(self) -> dict[str, Any]:
        """The draft as simulations and checks take it."""
        return {drafts_of(self.subject): [self.document]}


async def given_draft(request: PageRequest, page: Page) -> GivenDraft:
    """The draft of this request's form.

    Raises:
        NotFoundException: Its subject has no such editor, or not for this person.
    """
    subject = subject_for(page, request.url.path.split("/")[2])
    if not may_write(page, subject):
        raise NotFoundException
    fields = await form_of(request)
    form = await schema_form(request, page)
    schema = draft_schema(form, subject.draft, first(fields, "variant"))
    faults: dict[str, str] = {}
    try:
        document = read_form_document(form, schema, fields)
    except FormUnreadable as unreadable:
        document, faults = unreadable.document, unreadable.faults
    example = {name: first(fields, f"{_EXAMPLE}{name}") for name in _EXAMPLE_FIELDS}
    return GivenDraft(subject, document, faults, first(fields, "object"), first(fields, "of"), example)


def drafts_of(subject: Subject) -> str:
    """What simulations, checks and replays call a draft of this subject."""
    return "draft_rules" if subject.playground == "rule" else "draft_rates"


def is_past(instant: Any) -> bool:
    """Whether an instant of a draft is over; false for what is none."""
    try:
        return datetime.fromisoformat(str(instant)).astimezone(UTC) <= datetime.now(UTC)
    except ValueError:
        return False


def without_period(document: Mapping[str, Any]) -> dict[str, Any]:
    """A draft that counts from the beginning and without end."""
    return {name: value for name, value in document.items() if name not in ("effective_from", "effective_to")}
