"""What no rule covers: currencies without delivery or tax, and subtotals between two rules that neither takes.

Source: docs/spec/quotes.md#warnings; docs/spec/quotes.md#steps.
"""

from collections.abc import Iterator
from typing import cast

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, CheckedRule, row_of_rate
from quote_service.pricing.check.finding import Code, Finding, RowNamed, finding
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket
from quote_service.pricing.commission.compiled_rate import CompiledRate
from quote_service.pricing.quote import Quote
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rule_types.rule_type import Missing

_ROWS_MAX = 5
_WANTED: tuple[tuple[str, Missing], ...] = tuple(
    (name, declared.missing) for name, declared in RULE_TYPES.items() if declared.missing is not None
)


def currencies_without_rules(book: Book) -> Iterator[Finding]:
    """Every currency that some row names and that no delivery rule, or no tax rule, will ever count for."""
    for currency, (rules, rates) in sorted(_users(book).items()):
        rows: list[RowNamed] = [rule.row for rule in rules[:_ROWS_MAX]]
        rows += [row_of_rate(rate) for rate in rates[: _ROWS_MAX - len(rows)]]
        for kind, missing in _WANTED:
            if any(rule.compiled.currency in (None, currency) for rule in book.of_type(kind)):
                continue
            sample_basket = find_sample_basket(book, rules[:1], () if rules else rates[:1], currency=currency)
            examples = (
                []
                if sample_basket is None
                else [sample_basket.example(book.rulebook, f"in {currency}, {missing.effect}")]
            )
            yield finding(
                cast(Code, missing.finding),
                f"rows name the currency {currency}, and it has no {kind} rule: {missing.effect}",
                rows,
                examples,
            )


def subtotal_gaps(book: Book) -> Iterator[Finding]:
    """Subtotals for which no rule of a type counts, though one counts just below them and another further up."""
    for kind, missing in _WANTED:
        rules = book.of_type(kind)
        bounded = [rule for rule in rules if rule.compiled.max_subtotal_minor is not None]
        for lower in bounded:
            uppers = [rule for rule in rules if _starts_above(rule, lower)]
            for upper in sorted(uppers, key=lambda rule: rule.compiled.min_subtotal_minor or 0)[:_ROWS_MAX]:
                if book.concerns(lower.compiled.id, upper.compiled.id):
                    found = _gap(book, lower, upper, missing)
                    if found is not None:
                        yield found
                        break


def _users(book: Book) -> dict[str, tuple[list[CheckedRule], list[CompiledRate]]]:
    users: dict[str, tuple[list[CheckedRule], list[CompiledRate]]] = {}
    for rule in book.rules:
        if rule.compiled.currency is not None and book.concerns(rule.compiled.id):
            users.setdefault(rule.compiled.currency, ([], []))[0].append(rule)
    for rate in book.rates:
        if rate.currency is not None:
            users.setdefault(rate.currency, ([], []))[1].append(rate)
    return users


def _starts_above(rule: CheckedRule, lower: CheckedRule) -> bool:
    start, end = rule.compiled.min_subtotal_minor, lower.compiled.max_subtotal_minor
    return (
        rule.compiled.currency == lower.compiled.currency and start is not None and end is not None and start > end + 1
    )


def _gap(book: Book, lower: CheckedRule, upper: CheckedRule, missing: Missing) -> Finding | None:
    end_minor, start_minor = lower.compiled.max_subtotal_minor, upper.compiled.min_subtotal_minor
    assert end_minor is not None
    assert start_minor is not None
    sample_basket = find_sample_basket(book, [lower, upper], total_minor=end_minor)
    if sample_basket is None:
        return None
    if not (
        _has_part(book, sample_basket.costing(end_minor), lower)
        and _has_part(book, sample_basket.costing(start_minor), upper)
    ):
        return None
    within = [sample_basket.costing(total_minor) for total_minor in (end_minor + 1, start_minor - 1)]
    if not all(any(each.code == missing.warning for each in _quote(book, one).warnings) for one in within):
        return None
    exponent = EXPONENTS[sample_basket.currency]
    why = (
        f"between {lower.title}, up to {amount_text(end_minor, exponent)}, and {upper.title}, from "
        f"{amount_text(start_minor, exponent)}, no rule counts and {missing.effect}"
    )
    return finding("subtotal-gap", why, [lower.row, upper.row], [within[0].example(book.rulebook, "within the gap")])


def _quote(book: Book, sample_basket: SampleBasket) -> Quote:
    return sample_basket.priced(book.rules_alone)


def _has_part(book: Book, sample_basket: SampleBasket, rule: CheckedRule) -> bool:
    return any(applied.id == rule.compiled.id for applied in _quote(book, sample_basket).applied_rules)
