"""With whom a source shares its pace: its host, or one operation of an API.

Source: docs/spec/competitors.md#politeness.
"""

from typing import NamedTuple

from quote_service.intelligence.competitors.model.sources import ApiSettings, SourceDraft
from quote_service.platform.outbound.urls import read_target


class Pace(NamedTuple):
    """How soon requests of a lane may follow each other, and how many may come at once after a pause."""

    seconds: float
    burst: int


#: Of one operation of each marketplace, as their documentation gives it to everybody.
MARKETPLACE_PACES = {
    "amazon": Pace(1 / 0.033, 1),
    "ebay": Pace(86_400 / 5000, 5),
    "walmart": Pace(0.2, 5),
}
OPERATIONS = {"amazon": "getCompetitiveSummary", "ebay": "getItems", "walmart": "items"}


def lane_of(draft: SourceDraft) -> str | None:
    """The lane of a source; None for one that is not fetched.

    Raises:
        ValueError: Its URL leads nowhere; a draft without faults has none such.
    """
    if draft.page is not None:
        return read_target(draft.page.url).host.lower()
    if draft.feed is not None:
        return None if draft.feed.url is None else read_target(draft.feed.url).host.lower()
    return None if draft.api is None else _lane_of_api(draft.api)


def pace_of(api: ApiSettings | None, usual: Pace) -> Pace:
    """The pace of a source's lane: the marketplace's own, or the usual one."""
    return usual if api is None else MARKETPLACE_PACES.get(api.connector, usual)


def _lane_of_api(api: ApiSettings) -> str:
    host = "" if api.url is None else read_target(api.url).host.lower()
    if api.connector == "json":
        return host
    # A seller's allowance is the account's, whichever host answers.
    return f"{api.connector} {OPERATIONS[api.connector]} {api.marketplace or ''} {host}".strip()
