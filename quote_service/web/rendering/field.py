"""A field of a form: what it is called, what it is for, what stands in it, and what is wrong with it.

Source: docs/spec/web.md#forms.
"""

from typing import Literal

import msgspec

Kind = Literal[
    "text",
    "long_text",
    "number",
    "switch",
    "choice",
    "instant",
    "days",
    "ticks",
    "words",
    "group",
    "rows",
    "names",
    "shapes",
    "any",
    "fixed",
]
#: Stands for the number of a row that is yet to be added.
BLANK_ROW = "__row__"
#: Parts of a row of `names`, which no member of a document can be called in a pointer that starts a form's field.
NAME, VALUE = "=name", "=value"
#: What kind of value stands in a field of kind `any`.
VALUE_KIND = "=kind"
VALUE_KINDS = ("text", "number", "switch", "list")


class Field(msgspec.Struct, frozen=True):
    """A field; its name is its JSON pointer.

    `children` are the fields of a group, or a row each of `rows` and `names`; `blank` is a row to add. `shown_when` is a field
    of the same group and the values of it with which this one has a meaning. `value_kind` is what stands in an `any`.
    """

    kind: Kind
    pointer: str
    label: str
    help: str
    is_required: bool
    text: str = ""
    choices: tuple[str, ...] = ()
    children: tuple["Field", ...] = ()
    blank: "Field | None" = None
    fault: str = ""
    is_open: bool = False
    shown_when: tuple[str, tuple[str, ...]] | None = None
    value_kind: str = ""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "field" + self.pointer.replace("/", "-").replace("=", "_")

    @property
    def decider(self) -> str:
        """The field that `shown_when` names, by its pointer."""
        return f"{self.pointer.rpartition('/')[0]}/{self.shown_when[0]}" if self.shown_when else ""
