"""The changes of a change set, each with what it is about and what it was written for.

Source: docs/spec/web.md#change-sets; docs/spec/change-sets.md#contents.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

Document = Mapping[str, Any]
SECTIONS: Final = ("rules", "rates", "flags", "prices")
ACTIONS: Final = {"create": "New", "replace": "Changed", "end": "Ended"}
_ONES: Final = {"rules": "Rule", "rates": "Commission rate", "flags": "Flag", "prices": "Price"}


class SetChange(NamedTuple):
    """One change: its place in the set, what it is about, what happens to that, and both documents; None for nothing."""

    pointer: str
    one: str
    name: str
    action: str
    before: Document | None
    after: Document | None


def changes_of(change_set: Document, products: Mapping[str, str]) -> Iterator[SetChange]:
    """Every change, in the order of the API; products by name."""
    for section in SECTIONS:
        for index, each in enumerate(change_set[section]):
            pointer = f"/{section}/{index}"
            if section == "prices":
                name = products.get(str(each["product_id"]), f"…{str(each['product_id'])[-8:]}")
                label = f"{name}, {each['currency']}"
                before, after = {"price": each["before"]}, {"price": each["price"]}
                yield SetChange(pointer, _ONES[section], label, "Changed", before, after)
            else:
                yield SetChange(
                    pointer,
                    _ONES[section],
                    _name_of(section, each),
                    ACTIONS[each["action"]],
                    document_of(each["before"]),
                    each["draft"] if each["action"] != "end" else None,
                )


def document_of(state: Any) -> Document | None:
    """What was or is in force of an object: the newest of a rule's versions, a price as a document; None for nothing."""
    if isinstance(state, list):
        return state[-1] if state else None
    return state if isinstance(state, Mapping) or state is None else {"price": state}


def _name_of(section: str, change: Document) -> str:
    draft = change["draft"] or {}
    if section == "rules":
        return str(draft.get("name") or change["name"])
    if section == "flags":
        return str(draft.get("key") or change["key"])
    rate_id = change["rate_id"]
    rate = draft.get("rate")
    about = "" if rate is None else f"{rate} %"
    return about if rate_id is None else f"…{str(rate_id)[-8:]}"
