"""What a change set changes, field by field, and what somebody else has changed since.

Source: docs/spec/web.md#change-sets.
"""

from collections.abc import Mapping
from typing import Any, Final

from quote_service.web.model.change_sets import SetChange, changes_of, document_of
from quote_service.web.rendering.changes import OF_THE_RECORD, Change, changes_between
from quote_service.web.routes.page import Page
from quote_service.web.routes.selling.refund_preview import names_of

_PRODUCTS: Final = 100
#: What becomes of a conflict: of a draft, and of a set that is rolled back.
KEEPS: Final = {
    "resolve": (("draft", "What the set says"), ("current", "What is there now; the change leaves the set")),
    "rollback": (("before", "What was there before the set"), ("current", "What is there now")),
}


async def contents_context(page: Page, change_set: Mapping[str, Any]) -> dict[str, Any]:
    """Of a change set: every change and every conflict, with the fields that differ."""
    products = await names_of(
        page, "/api/v1/products", (str(each["product_id"]) for each in change_set["prices"]), _PRODUCTS
    )
    changes = list(changes_of(change_set, products))
    by_pointer = {each.pointer: each for each in changes}
    return {
        "changes": [(each, _differences(each.before, each.after)) for each in changes],
        "conflicts": [_conflict(each, by_pointer) for each in change_set.get("conflicts") or ()],
    }


def _conflict(conflict: Mapping[str, Any], changes: Mapping[str, SetChange]) -> dict[str, Any]:
    before, now = document_of(conflict["before"]), document_of(conflict["now"])
    return {**conflict, "about": changes.get(conflict["pointer"]), "differences": _differences(before, now)}


def _differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    if not before and after:
        # Of something new each member of its own.
        before = {name: {} for name, value in after.items() if isinstance(value, Mapping)}
    # What says no start begins when the set is published.
    begins = {"effective_from"} if after is not None and after.get("effective_from") is None else set()
    return changes_between(before, after, OF_THE_RECORD | begins)
