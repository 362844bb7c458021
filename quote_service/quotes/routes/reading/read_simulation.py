"""A simulation out of a request body: the basket, and what is supposed beside it.

The basket's fields and the suppositions stand side by side; nothing that is not known is passed over, because here a
person may have mistyped what the whole simulation is about.

Source: docs/spec/quotes.md#simulate-a-quote; docs/spec/wire.md#unknown-fields.
"""

from datetime import datetime
from itertools import islice
from typing import Annotated, Any, NamedTuple

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX, read_value
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.quotes.operations.simulate_quote import Suppositions
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.reading.unknown_fields import unknown_fields
from quote_service.quotes.routes.bodies import RATES_MAX, RULES_MAX, parse_object
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule

_NAMES = ("at", "known_at", "draft_rules", "draft_rates", "flag_overrides", "customer_tier")


class _Supposed(msgspec.Struct, frozen=True, kw_only=True):
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    known_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    draft_rules: Annotated[list[Any], msgspec.Meta(max_length=RULES_MAX)] | None = None
    draft_rates: Annotated[list[Any], msgspec.Meta(max_length=RATES_MAX)] | None = None
    flag_overrides: dict[str, Any] | None = None
    customer_tier: Annotated[str, msgspec.Meta(max_length=200)] | msgspec.UnsetType | None = msgspec.UNSET


class ReadSimulation(NamedTuple):
    """The basket as it is now, and what is supposed."""

    checked: CheckedBasket
    supposed: Suppositions


def read_simulation(body: bytes, now_us: int, default_currency: str | None) -> ReadSimulation:
    """Read a simulation; drafts with amounts that name no currency are in the default one, if there is one.

    Raises:
        Malformed: It is no JSON document.
        Invalid: With every fault of the basket, or of what is supposed.
    """
    document = parse_object(body)
    request = {name: value for name, value in document.items() if name not in _NAMES}
    faults = list(islice(unknown_fields(request), FAULTS_MAX))
    supposed = _Supposed()
    rules: list[RuleDraft] = []
    rates: list[RateDraft] = []
    at_us = now_us
    known_us: int | None = None
    try:
        supposed = read_value({name: document[name] for name in _NAMES if name in document}, _Supposed)
        at_us = to_micros(supposed.at) if supposed.at is not None else now_us
        known_us = None if supposed.known_at is None else to_micros(supposed.known_at)
        if known_us is not None and known_us > now_us:
            faults.append(Fault("/known_at", "must not lie in the future"))
    except Invalid as refused:
        faults += refused.faults
    for index, entry in enumerate(supposed.draft_rules or ()):
        try:
            rules.append(read_rule(entry, from_micros(at_us), default_currency, f"/draft_rules/{index}"))
        except Invalid as refused:
            faults += refused.faults
    for index, entry in enumerate(supposed.draft_rates or ()):
        try:
            rates.append(_read_rate(entry, f"/draft_rates/{index}", default_currency))
        except Invalid as refused:
            faults += refused.faults
    checked: CheckedBasket | None = None
    try:
        checked = decode_basket(json_literal(request).encode())
    except Invalid as refused:
        faults += refused.faults
    if faults or checked is None:
        raise Invalid.because(tuple(faults[:FAULTS_MAX]))
    suppositions = Suppositions(
        at_us=at_us,
        known_us=known_us,
        rules=rules,
        rates=rates,
        flag_values=supposed.flag_overrides or {},
        customer_tier=supposed.customer_tier,
    )
    return ReadSimulation(checked, suppositions)


def _read_rate(entry: Any, pointer: str, default_currency: str | None) -> RateDraft:
    draft = rate_in_currency(read_value(entry, RateDraft, pointer), default_currency)
    faults = tuple(Fault(pointer + fault.pointer, fault.detail) for fault in rate_faults(draft))
    if faults:
        raise Invalid.because(faults)
    return draft
