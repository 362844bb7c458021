"""The versions of an object, newest first: when each counts, and what it changed.

Source: docs/spec/web.md#versions.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from quote_service.web.model.subjects.subject import Subject
from quote_service.web.model.timeline import counts_at, instant_of
from quote_service.web.rendering.changes import Change, changes_between
from quote_service.web.routes.page import Page
from quote_service.web.routes.people_names import with_names

_VERSIONS = 30


class Version(NamedTuple):
    """One version: its document, whether it counts, and its changes; None of the first."""

    document: dict[str, Any]
    standing: str
    changes: list[Change] | None
    is_newest: bool
    is_shown: bool


async def versions_of(
    page: Page, subject: Subject, document: dict[str, Any], names: Mapping[str, str]
) -> list[Version]:
    """The versions of a rule by its name, of anything else by its history; none where the API has none."""
    if subject.versions == "by_name":
        asked = {"name": document["name"], "limit": _VERSIONS}
        rows = await page.api.find(f"{subject.path}/versions", asked) or []
    elif subject.versions == "history":
        rows = await page.api.find(f"{subject.path}/{document['id']}/history", {"limit": _VERSIONS}) or []
    else:
        return []
    now = datetime.now(UTC)
    counting = counts_at(rows if subject.versions == "by_name" else rows[:1], now)
    found = []
    for index, row in enumerate(rows):
        before = rows[index + 1] if index + 1 < len(rows) else None
        found.append(
            Version(
                with_names(row, names),
                _standing(row, counting, now, index == 0 or subject.versions == "by_name"),
                None if before is None else changes_between(before, row),
                index == 0,
                row["version"] == document["version"],
            )
        )
    return found


def _standing(row: dict[str, Any], counting: dict[str, Any] | Any, now: datetime, may_count: bool) -> str:
    if counting is not None and row["version"] == counting["version"]:
        return "counts now"
    if not may_count:
        return "replaced"
    if not row["is_active"]:
        return "inactive"
    if instant_of(row["effective_from"]) > now:
        return "begins later"
    until = row.get("effective_to")
    return "over" if until is not None and instant_of(until) <= now else "replaced"
