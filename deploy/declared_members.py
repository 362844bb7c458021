"""The members of the quote's answer as the types of its declaration say them, for `generate_writer.py`."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from quote_service.pricing.basket import Identifier
from quote_service.pricing.figure import ASKED_FOR, NOT_EMPTY, PLAIN, Figure

Document = type[msgspec.Struct]


class Member:
    """A member of the answer, as its type declares it."""

    def __init__(self, name: str, hint: Any) -> None:
        self.name = name
        self.written: str | None = None
        self.is_plain = self.is_null = self.is_optional = self.is_left_out_empty = self.is_asked_for = False
        self.kind: Any = None
        self._figure: Figure | None = None
        self._read(hint)

    @property
    def figure(self) -> Figure:
        """Where its figure comes from: a marker's place, or the attribute of its name."""
        unit = {"amount": "_minor", "unit_price": "_micro"}.get(self.written or "", "")
        return self._figure or Figure(self.name + unit)

    @property
    def entry(self) -> Any:
        """The struct that it is a list of; None for everything else."""
        held = get_args(self.kind)[0] if get_origin(self.kind) is list else None
        return held if isinstance(held, type) and issubclass(held, msgspec.Struct) else None

    def code(self, holder: str) -> str:
        """The expression of its figure, of what `holder` is the expression of."""
        start = {"holder": holder, "quote": "quote", "issue": ""}[self.figure.start]
        return ".".join(part for part in (start, self.figure.path) if part)

    def _read(self, hint: Any) -> None:
        origin = get_origin(hint)
        self.is_plain = self.is_plain or hint == Identifier
        if origin is Annotated:
            for reported in hint.__metadata__:
                if isinstance(reported, Figure):
                    self._figure = reported
                elif isinstance(reported, msgspec.Meta):
                    self.written = (reported.extra or {}).get("written", self.written)
                    self.is_plain = self.is_plain or reported in Identifier.__metadata__
                elif reported == PLAIN:
                    self.is_plain = True
                elif reported == NOT_EMPTY:
                    self.is_left_out_empty = True
                elif reported == ASKED_FOR:
                    self.is_asked_for = True
            self._read(hint.__origin__)
        elif origin in (Union, UnionType):
            held = get_args(hint)
            self.is_null = self.is_null or NoneType in held
            self.is_optional = self.is_optional or UnsetType in held
            self._read(next(each for each in held if each not in (NoneType, UnsetType)))
        else:
            self.kind = hint


def members_of(document: Document) -> list[Member]:
    """The members of a struct, in order."""
    hints = get_type_hints(document, include_extras=True)
    return [Member(name, hints[name]) for name in document.__struct_fields__]
