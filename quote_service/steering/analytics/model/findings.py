"""What a check of the rollups finds.

Source: docs/spec/analytics.md#check.
"""

from typing import NamedTuple

from quote_service.platform.system.findings import Finding

#: By name: what holds of rollups.
CHECKS: dict[str, str] = {
    "trigger": "what is accepted, ordered, refunded or cancelled is queued to be counted",
    "accepted": "the accepted quotes of a day are those that are counted",
    "orders": "the orders and cancellations of a day are those that are counted, figure by figure",
    "refunds": "the refunds of a day are those that are counted",
    "ledger": "what is counted of a seller is what the ledger has",
    "cubes": "the keys of a dimension add up to the whole",
    "grains": "hours, days and hours of the day add up to their month",
    "quarters": "quarters of an hour add up to their hours",
    "ranks": "what groups are sorted by is what days and months have, and weeks have what their days have",
    "honoured": "each accepted quote is compared once, and what changes of prices made adds up to what quotes differ by",
}


class AnalyticsCheck(NamedTuple):
    """What was checked, and what was found; `waiting` is to be counted yet, and left out."""

    hours: int
    rows: int
    waiting: int
    findings: list[Finding]
