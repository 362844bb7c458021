"""A flag with a value that is supposed: a field of the flag's own type.

Source: docs/spec/web.md#playground.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from quote_service.web.rendering.field import NAME, VALUE, VALUE_KIND
from quote_service.web.rendering.schema_fields import any_text

_KINDS = {"BOOLEAN": "switch", "PERCENTAGE": "switch", "NUMBER": "number", "STRING": "text", "JSON": "list"}


class FlagRow(NamedTuple):
    """A row: what its three fields are called, the flag, and its value as text of a kind (`field.VALUE_KINDS`).

    `values` are those that the flag gives by itself, to choose from.
    """

    id: str
    key: str
    kind: str
    text: str
    values: tuple[str, ...]

    @property
    def name_field(self) -> str:
        """The name of the field that holds the flag's key."""
        return f"/flag_overrides/{self.id}/{NAME}"

    @property
    def value_field(self) -> str:
        """The name of the field that holds the value."""
        return f"/flag_overrides/{self.id}/{VALUE}"

    @property
    def kind_field(self) -> str:
        """The name of the field that says what kind of value it is."""
        return f"{self.value_field}/{VALUE_KIND}"


def flag_row(row_id: str, key: str, flag: Mapping[str, Any] | None, value: Any) -> FlagRow:
    """A row for a flag; one that is not there any more is what its value is."""
    kind, text = any_text(value)
    if flag is not None:
        kind = _KINDS.get(str(flag["type"]), "text")
    given = _values_of(flag) if flag is not None and kind in ("text", "number") else ()
    return FlagRow(row_id, key, kind, text, given)


def _values_of(flag: Mapping[str, Any]) -> tuple[str, ...]:
    rollout = flag.get("rollout") or {}
    variants = [variant.get("value") for variant in rollout.get("variants") or ()]
    texts = (
        any_text(value)[1] for value in (flag.get("value"), flag.get("default_value"), *variants) if value is not None
    )
    return tuple(dict.fromkeys(texts))
