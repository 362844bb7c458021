"""Rulebooks out of the documents that an admin sends, and answers out of the engine, for tests to compare."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.commission.rate import RateDraft, rate_faults
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.regions import region_key
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration, rule_faults
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion, RulebookChanges, StoredRule
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.reading.decode_basket import decode_basket

QUOTE_ID = "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b11"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Written(str):
    """A number of an answer, in the digits in which it was written."""


def read_setup(document: Any) -> Any:
    """A setup as the service reads it from what was sent: every fraction an ExactNumber."""
    return parse_exact(_encode(document))


def book_of(setup: dict[str, Any]) -> Rulebook:
    """The rulebook of a setup: what the domain finds fault with is a mistake of the test."""
    documents = read_setup(setup)
    changes = RulebookChanges(
        version=1,
        is_complete=True,
        rates=[
            _rate(document) for document in documents.get("commission_rates", ()) if document.get("is_active", True)
        ],
        ended_rate_ids=[],
        rules=[_rule(document) for document in documents.get("pricing_rules", ())],
        flags=[_flag(document) for document in documents.get("feature_flags", ())],
        exhaustions=[
            CouponExhaustion(use["rule_name"], use["customer_id"], use["uses"])
            for use in documents.get("coupon_uses", ())
        ],
        budget_spends=[
            BudgetSpend(each["rule_name"], each["currency"], each["customer_id"], each["spent_minor"])
            for each in documents.get("budget_spends", ())
        ],
    )
    regions = {each["seller_id"]: each["region"] for each in documents.get("seller_regions", ())}
    empty = empty_rulebook()
    return apply_changes(empty.with_catalog(CatalogSnapshot(seller_regions=regions), empty.customers), changes)


def stored_rates(rates: list[dict[str, Any]]) -> list[StoredRate]:
    """Rates as they come out of the database."""
    return [_rate(rate) for rate in read_setup(rates)]


def stored_rules(rules: list[dict[str, Any]]) -> list[StoredRule]:
    """Rules as they come out of the database."""
    return [_rule(rule) for rule in read_setup(rules)]


def instant_us(at: str) -> int:
    """The microseconds of an RFC 3339 text."""
    return to_micros(datetime.fromisoformat(at.replace("Z", "+00:00")))


def priced(book: Rulebook, request: Any, at: str, prices: Mapping[str, SalePrice] | None = None) -> Quote:
    """What the engine makes of a request, decoded as the service decodes it, and of what is on sale."""
    checked, at_us = decode_basket(request if isinstance(request, bytes) else _encode(request)), instant_us(at)
    complete_basket(QuoteBasis(book, checked, at_us))
    return price_quote(QuoteBasis(book, checked, at_us, find_sales(prices or {}, checked, at_us)))


def answer_text(quote: Quote, at: str) -> str:
    """The `data` that the service would issue, as text; the signature is the flow's."""
    at_us = instant_us(at)
    text = write_quote(quote, QUOTE_ID, at_us, at_us + 900_000_000)
    return f'{text.head}{text.flags}{text.middle}"miss"{text.tail},"signature":"..."}}'


def read_answer(text: str) -> Any:
    """An answer whose numbers are what was written, digit by digit."""
    return json.loads(text, parse_float=Written, parse_int=Written)


def minor(written: Any, digits: int) -> int:
    """An amount's minor units; anything but exactly the currency's digits fails the test."""
    assert isinstance(written, Written), written
    assert re.fullmatch(rf"-?(0|[1-9]\d*)\.\d{{{digits}}}" if digits else r"-?(0|[1-9]\d*)", written), written
    assert written.strip("-0.") or not written.startswith("-"), "zero has no sign"
    return int(Decimal(written).scaleb(digits))


def _rate(document: dict[str, Any]) -> StoredRate:
    identifier, fields = _taken_apart(document)
    draft = convert_exact(fields, RateDraft)
    assert rate_faults(draft) == ()
    return StoredRate(
        id=identifier,
        seller_id=None if draft.seller_id is None else str(draft.seller_id),
        category_id=None if draft.category_id is None else str(draft.category_id),
        logistics_provider=draft.logistics_provider,
        commission_type=draft.commission_type,
        rate=draft.rate,
        min_amount=draft.min_amount,
        max_amount=draft.max_amount,
        tiers=tuple(draft.tiers) if draft.tiers else None,
        scope=draft.scope,
        split=tuple(draft.split.items()) if draft.split else None,
        currency=draft.currency,
        region=draft.region,
        region_key=region_key(draft.region),
        effective_from_us=to_micros(draft.effective_from or _LONG_AGO),
        effective_to_us=to_micros(draft.effective_to) if draft.effective_to else FOREVER,
        priority=draft.priority,
        changed_in=1,
    )


def _rule(document: dict[str, Any]) -> StoredRule:
    identifier, fields = _taken_apart(document)
    version = fields.pop("version", 1)
    draft = convert_exact(fields, RuleDraft)
    assert tuple(rule_faults(draft, read_configuration(draft))) == ()
    return StoredRule(
        id=identifier,
        version=version,
        draft=draft,
        region_key=region_key(draft.region),
        created_by="a test",
        created_at_us=to_micros(_LONG_AGO),
        changed_in=1,
    )


def _flag(document: dict[str, Any]) -> StoredFlag:
    fields = dict(document)
    draft = convert_exact(fields, FlagDraft)
    assert tuple(flag_faults(draft)) == ()
    return StoredFlag(id=f"flag {draft.key}", version=1, draft=draft, is_archived=False, changed_in=1)


def _taken_apart(document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    fields = dict(document)
    return fields.pop("id"), fields
