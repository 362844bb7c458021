"""What no rule covers: currencies without delivery or tax, and subtotals between two rules that neither takes.

Source: spec 2, "No rule for a step means nothing is charged, and a warning says so".
"""

from collections.abc import Iterator

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.money import amount_text
from quote_service.domain.quote import Quote
from quote_service.domain.rules.rule import RuleType
from quote_service.engine.checks.book import Book, CheckedRule, row_of_rate
from quote_service.engine.checks.finding import Code, Finding, RowNamed, finding
from quote_service.engine.checks.witness import Witness, find_witness
from quote_service.engine.commission.compiled_rate import CompiledRate

_ROWS_MAX = 5
_WANTED: tuple[tuple[Code, RuleType, str, str], ...] = (
    ("currency-without-delivery-rule", "DELIVERY_FEE", "delivery is not charged", "no_delivery_rule"),
    ("currency-without-tax-rule", "TAX", "no tax is charged", "no_tax_rule"),
)


def currencies_without_rules(book: Book) -> Iterator[Finding]:
    """Every currency that some row names and that no delivery rule, or no tax rule, will ever count for."""
    for currency, (rules, rates) in sorted(_users(book).items()):
        rows: list[RowNamed] = [rule.row for rule in rules[:_ROWS_MAX]]
        rows += [row_of_rate(rate) for rate in rates[: _ROWS_MAX - len(rows)]]
        for code, kind, effect, _ in _WANTED:
            if any(rule.compiled.currency in (None, currency) for rule in book.of_type(kind)):
                continue
            witness = find_witness(book, rules[:1], () if rules else rates[:1], currency=currency)
            examples = [] if witness is None else [witness.example(book.rulebook, f"in {currency}, {effect}")]
            yield finding(
                code, f"rows name the currency {currency}, and it has no {kind} rule: {effect}", rows, examples
            )


def subtotal_gaps(book: Book) -> Iterator[Finding]:
    """Subtotals for which no rule of a type counts, though one counts just below them and another further up."""
    for _, kind, effect, warning in _WANTED:
        rules = book.of_type(kind)
        bounded = [rule for rule in rules if rule.compiled.max_subtotal_minor is not None]
        for lower in bounded:
            uppers = [rule for rule in rules if _starts_above(rule, lower)]
            for upper in sorted(uppers, key=lambda rule: rule.compiled.min_subtotal_minor or 0)[:_ROWS_MAX]:
                if book.concerns(lower.compiled.id, upper.compiled.id):
                    found = _gap(book, lower, upper, effect, warning)
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


def _gap(book: Book, lower: CheckedRule, upper: CheckedRule, effect: str, warning: str) -> Finding | None:
    end_minor, start_minor = lower.compiled.max_subtotal_minor, upper.compiled.min_subtotal_minor
    assert end_minor is not None
    assert start_minor is not None
    witness = find_witness(book, [lower, upper], total_minor=end_minor)
    if witness is None:
        return None
    if not (
        _has_part(book, witness.costing(end_minor), lower) and _has_part(book, witness.costing(start_minor), upper)
    ):
        return None
    within = [witness.costing(total_minor) for total_minor in (end_minor + 1, start_minor - 1)]
    if not all(any(each.code == warning for each in _quote(book, one).warnings) for one in within):
        return None
    exponent = EXPONENTS[witness.currency]
    why = (
        f"between {lower.title}, up to {amount_text(end_minor, exponent)}, and {upper.title}, from "
        f"{amount_text(start_minor, exponent)}, no rule counts and {effect}"
    )
    return finding("subtotal-gap", why, [lower.row, upper.row], [within[0].example(book.rulebook, "within the gap")])


def _quote(book: Book, witness: Witness) -> Quote:
    return witness.priced(book.rules_alone)


def _has_part(book: Book, witness: Witness, rule: CheckedRule) -> bool:
    return any(applied.id == rule.compiled.id for applied in _quote(book, witness).applied_rules)
