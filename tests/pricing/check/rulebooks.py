"""Rulebooks for the check, written as an admin would write their rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from quote_service.platform.documents.documents import read_document, write_document
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.check.check_rulebook import check_rulebook
from quote_service.pricing.check.finding import Example, Finding
from quote_service.pricing.commission.rate import RateDraft, rate_faults
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration, rule_faults
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule
from quote_service.pricing.rulebook.supposed_rows import stored_rate, stored_rule, with_rows
from quote_service.quotes.reading.decode_basket import decode_basket

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
NOW_US = to_micros(NOW)
SELLER = "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
OTHER_SELLER = "b7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
CATEGORY = "11111111-1111-4111-8111-111111111111"


def rule(name: str, kind: str, configuration: dict[str, Any], *, version: int = 1, **fields: Any) -> StoredRule:
    """A version of a rule that counts since 2025 unless it says otherwise."""
    document = {"effective_from": "2025-01-01T00:00:00Z", **fields, "name": name, "type": kind}
    draft = read_document(msgspec.json.encode({**document, "configuration": configuration}), RuleDraft)
    assert not list(rule_faults(draft, read_configuration(draft)))
    return stored_rule(draft, new_id(), version, NOW_US)


def rate(percent: Any = None, **fields: Any) -> StoredRate:
    """A percentage since 2025 unless it says otherwise."""
    document = {"commission_type": "PERCENTAGE", "effective_from": "2025-01-01T00:00:00Z", **fields}
    if percent is not None:
        document["rate"] = percent
    draft = read_document(msgspec.json.encode(document), RateDraft)
    assert not rate_faults(draft)
    return stored_rate(draft, new_id(), NOW_US)


def flag(key: str, **fields: Any) -> StoredFlag:
    document = {"key": key, "type": "BOOLEAN", "value": True, "is_enabled": True, **fields}
    draft = read_document(msgspec.json.encode(document), FlagDraft)
    return StoredFlag(id=new_id(), version=1, draft=draft, is_archived=False, changed_in=1)


def book(*rows: StoredRule | StoredRate | StoredFlag) -> Rulebook:
    """A rulebook of these rows."""
    rules = [row for row in rows if isinstance(row, StoredRule)]
    rates = [row for row in rows if isinstance(row, StoredRate)]
    flags = [row for row in rows if isinstance(row, StoredFlag)]
    changes = RulebookChanges(
        version=1, is_complete=False, rates=[], ended_rate_ids=[], rules=[], flags=flags, exhaustions=[]
    )
    return with_rows(apply_changes(empty_rulebook(), changes), rules, rates)


def findings(rulebook: Rulebook, *touched: StoredRule | StoredRate) -> list[Finding]:
    """What is found, in all or about some rows; every example must give the amounts it tells."""
    ids = frozenset(row.id for row in touched) if touched else None
    found = check_rulebook(rulebook, NOW_US, ids).findings
    for each in found:
        for example in each.examples:
            assert_holds(rulebook, example)
    return found


def codes(rulebook: Rulebook, *touched: StoredRule | StoredRate) -> list[str]:
    """The codes of what is found."""
    return [each.code for each in findings(rulebook, *touched)]


def only(rulebook: Rulebook, code: str) -> Finding:
    """The one finding of this code."""
    (found,) = [each for each in findings(rulebook) if each.code == code]
    return found


def quote_of(rulebook: Rulebook, example: Example) -> Quote:
    """The quote for an example's body, read as the service reads it."""
    return price_quote(QuoteBasis(rulebook, decode_basket(write_document(example.request)), to_micros(example.at)))


def assert_holds(rulebook: Rulebook, example: Example) -> None:
    """The amounts of an example are those of its basket."""
    quote = quote_of(rulebook, example)
    scale = 10**quote.exponent
    assert example.amounts.total_amount * scale == quote.total_minor
    assert example.amounts.subtotal * scale == quote.subtotal_minor
    assert example.amounts.total_commission * scale == quote.commission.total_minor


def applied_names(quote: Quote) -> list[str]:
    return [applied.name for applied in quote.applied_rules]
