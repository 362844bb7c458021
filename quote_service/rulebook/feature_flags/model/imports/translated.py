"""What became of one flag of another system.

Source: docs/spec/feature-flags.md#import.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.flags.flag import FlagDraft, flag_faults

#: From a document of another system, and the name of the field that holds the customer's id there, to what becomes of its flags.
Translate = Callable[[Any, str], "list[Translated]"]


class Translated(msgspec.Struct, frozen=True):
    """A flag of another system: `draft` is what it becomes here, None where something about it cannot be carried over.

    `lost` is what cannot: here it would give somebody another answer. `notes` tell what is kept in another form.
    """

    name: str
    draft: FlagDraft | None
    lost: tuple[str, ...]
    notes: tuple[str, ...]


class Findings:
    """What is found about a flag while it is translated."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.notes: list[str] = []

    def lose(self, reason: str) -> None:
        """Something cannot be carried over."""
        self.lost.append(reason)

    def note(self, remark: str) -> None:
        """Something is carried over in another form."""
        if remark not in self.notes:
            self.notes.append(remark)

    def outcome(self, name: str, members: Mapping[str, Any]) -> Translated:
        """What became of the flag, whose members here are these unless something is lost."""
        draft = None
        if not self.lost:
            try:
                draft = convert_exact(dict(members), FlagDraft)
                self.lost += (f"{fault.pointer[1:]} {fault.detail}" for fault in flag_faults(draft))
            except msgspec.ValidationError as failure:
                self.lose(str(failure))
        return Translated(name, None if self.lost else draft, tuple(self.lost), tuple(self.notes))


def read_as(document: Any, wanted: type[msgspec.Struct], what: str) -> Any:
    """A part of a document of another system.

    Raises:
        Invalid: It is not of that form.
    """
    try:
        return convert_exact(document, wanted)
    except (msgspec.ValidationError, ValueError) as failure:
        raise Invalid(f"{what} cannot be read: {failure}") from failure


def customer_ids(texts: list[str]) -> list[str] | None:
    """Customer ids as they are written here; None where one of them is none."""
    try:
        return [str(UUID(text.strip())) for text in texts]
    except ValueError:
        return None
