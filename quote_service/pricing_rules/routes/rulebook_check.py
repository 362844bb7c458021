"""The rule check over HTTP: what is odd about the rulebook, or would be with some drafts.

Source: spec 4; the rule check.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, post

from quote_service.api.described import Described
from quote_service.api.pricing_rules.answers import DRAFT_EXAMPLE, FINDING_EXAMPLE
from quote_service.api.pricing_rules.read_rule import read_rule
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import FAULTS_MAX, envelope, read_value
from quote_service.api.wire.exact_json import parse_json
from quote_service.domain.access import READERS
from quote_service.domain.errors import Fault, Invalid
from quote_service.domain.instants import from_micros
from quote_service.domain.rates import RateDraft, rate_faults
from quote_service.domain.rules.rule import RuleDraft
from quote_service.engine.checks.check_rulebook import Report
from quote_service.flows.check_rulebook import check_drafts, check_whole, newest_rulebook
from quote_service.system.clock import now_us

DRAFTS_MAX = 1000


class RulebookCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to check: some drafts beside the rulebook as it is, or nothing for the rulebook itself."""

    draft_rules: Annotated[list[RuleDraft], msgspec.Meta(max_length=DRAFTS_MAX)] = []
    draft_rates: Annotated[list[RateDraft], msgspec.Meta(max_length=DRAFTS_MAX)] = []


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
    opt={
        "access": READERS,
        "described": Described(
            body=RulebookCheck,
            body_is_required=False,
            body_example={"draft_rules": [DRAFT_EXAMPLE], "draft_rates": []},
            answer=Report,
            answer_example=_REPORT_EXAMPLE,
            message="Rulebook checked",
        ),
    },
)
async def check_pricing_rulebook(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Check the rulebook as it counts from now on; with drafts, what would be found about them.

    Findings name rules and rates that can never win, order that only names or ids decide, gaps, price cliffs, currencies
    without delivery or tax rules, shared coupon codes, and commission and discounts above the price; each with baskets
    that show it where there are any. Nothing is stored. Of more than 20 000 rates that many are looked at, chosen by
    chance, and `is_complete` is false. Drafts take the next version of their name; an empty body is the same as `{}`.
    """
    at_us = now_us()
    body = await request.body()
    rules, rates = _drafts(body, at_us) if body else ([], [])
    runtime = runtime_of(request)
    rulebook = await newest_rulebook(runtime.database, runtime.rulebook)
    if rules or rates:
        report = await check_drafts(rulebook, at_us, rules, rates)
    else:
        report = await check_whole(rulebook, at_us)
    return Response(envelope(report, "Rulebook checked"), media_type="application/json")


def _drafts(body: bytes, at_us: int) -> tuple[list[RuleDraft], list[RateDraft]]:
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
    for place, entry in enumerate(_entries(document, "draft_rules")):
        try:
            rules.append(read_rule(entry, from_micros(at_us), f"/draft_rules/{place}"))
        except Invalid as refused:
            faults += refused.faults
    for place, entry in enumerate(_entries(document, "draft_rates")):
        pointer = f"/draft_rates/{place}"
        try:
            rate = read_value(entry, RateDraft, pointer)
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
