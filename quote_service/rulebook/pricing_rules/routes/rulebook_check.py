"""The rule check over HTTP: what is odd about the rulebook, or would be with some drafts.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from typing import Annotated, Any

import msgspec
from litestar import Router

from quote_service.platform.callers.access import RULEBOOK_TESTERS
from quote_service.platform.documents.documents import FAULTS_MAX, read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.check.check_rulebook import Report
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.rulebook.pricing_rules.routes.answers import DRAFT_EXAMPLE, FINDING_EXAMPLE
from quote_service.rulebook.snapshot.operations.check_rulebook import check_drafts, check_whole, newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

DRAFTS_MAX = 1000


class RulebookCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drafts to check with the current rulebook; leave them out to check the rulebook itself."""

    draft_rules: Annotated[list[RuleDraft], msgspec.Meta(max_length=DRAFTS_MAX)] = []
    """Pricing rules to check as the next versions of their names."""
    draft_rates: Annotated[list[RateDraft], msgspec.Meta(max_length=DRAFTS_MAX)] = []
    """Commission rates to check beside the existing ones."""


_REPORT_EXAMPLE: dict[str, Any] = {
    "findings": [FINDING_EXAMPLE],
    "rulebook_version": 4711,
    "rules_checked": 12,
    "rates_checked": 3,
    "rates_held": 3,
    "is_complete": True,
}


@post(
    "/check",
    status_code=200,
    access=RULEBOOK_TESTERS,
    body_example={"draft_rules": [DRAFT_EXAMPLE], "draft_rates": []},
    example=_REPORT_EXAMPLE,
    message="Rulebook checked",
    body=RulebookCheck,
    body_is_required=False,
)
async def check_pricing_rulebook(
    settings: Settings, database: Database, rulebook_holder: RulebookHolder, data: RawBody
) -> Report:
    """Check pricing rules and commission rates.

    Finds rules and rates that can never win, ties decided only by name or id, gaps, price cliffs, currencies without
    delivery or tax rules, shared coupon codes, and commission and discounts above the price; with example baskets where
    there are any. Nothing is stored. If there are more than 20 000 rates, a random 20 000 of them are checked and
    `is_complete` is false. Drafts are checked as the next version of their name; an empty body is the same as `{}`.
    """
    at_us = now_us()
    rules, rates = _drafts(data, at_us, settings.default_currency or None) if data else ([], [])
    rulebook = await newest_rulebook(database, rulebook_holder)
    if rules or rates:
        return await check_drafts(rulebook, at_us, rules, rates)
    return await check_whole(rulebook, at_us)


def _drafts(body: bytes, at_us: int, default_currency: str | None) -> tuple[list[RuleDraft], list[RateDraft]]:
    """The drafts, each without faults.

    Raises:
        Malformed, Invalid: As every admin body, with the faults of all drafts.
    """
    document = parse_json(body)
    faults: list[Fault] = []
    try:
        read_value(document, RulebookCheck)
    except Invalid as refused:
        faults += refused.faults
    rules: list[RuleDraft] = []
    rates: list[RateDraft] = []
    for index, entry in enumerate(_entries(document, "draft_rules")):
        try:
            rules.append(read_rule(entry, from_micros(at_us), default_currency, f"/draft_rules/{index}"))
        except Invalid as refused:
            faults += refused.faults
    for index, entry in enumerate(_entries(document, "draft_rates")):
        pointer = f"/draft_rates/{index}"
        try:
            rate = rate_in_currency(read_value(entry, RateDraft, pointer), default_currency)
        except Invalid as refused:
            faults += refused.faults
            continue
        faults += (Fault(pointer + fault.pointer, fault.detail) for fault in rate_faults(rate))
        rates.append(rate)
    if faults:
        distinct = {fault.pointer: fault for fault in reversed(faults)}
        raise Invalid.because(tuple(reversed(distinct.values()))[:FAULTS_MAX])
    return rules, rates


def _entries(document: Any, name: str) -> list[Any]:
    entries = document.get(name) if isinstance(document, dict) else None
    return entries[:DRAFTS_MAX] if isinstance(entries, list) else []


rulebook_check = Router("/api/v1/rulebook", route_handlers=[check_pricing_rulebook])
