"""Take the quote that this process issued last, and work its commission out once more.

Source: docs/spec/analytics.md#commission-checks.
"""

from collections.abc import Generator, Iterable
from itertools import product
from typing import Any

import structlog

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.telemetry.registry import Registry
from quote_service.pricing.commission.compiled_rate import CompiledRate, rate_key
from quote_service.pricing.commission.rate_index import RateIndex
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.operations.local_quotes import LocalAnswer, LocalQuotes
from quote_service.quotes.operations.write_answer import issued_data
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.analytics.model.commission_oracle import QuotedCommission, find_differences

_BYTES_MAX = 65_536
_log = structlog.get_logger(__name__)


class CommissionChecker:
    """Checks one quote after another; each once."""

    def __init__(self, holder: RulebookHolder, quotes: LocalQuotes, registry: Registry) -> None:
        self._holder = holder
        self._quotes = quotes
        self._last_id = ""
        self._checks = registry.counter(
            "quote_commission_checks_total", "Quotes whose commission was worked out once more"
        )
        self._mismatches = registry.counter(
            "quote_commission_mismatches_total", "Quotes whose commission was not what it should have been"
        )

    def check(self) -> Generator[None, None, None]:
        """Check the latest quote, a line at a time: who runs this lets others run in between."""
        answer, rulebook = self._quotes.latest(), self._holder.rulebook
        if answer is None or rulebook is None or answer.quote_id == self._last_id:
            return
        self._last_id = answer.quote_id
        if answer.rulebook_version != rulebook.version or len(answer.head) > _BYTES_MAX:
            return  # the rates that it was priced by are gone; or reading it at once would keep others waiting
        differences = yield from differences_of(rulebook, answer)
        self._checks.add()
        if differences:
            self._mismatches.add()
            _log.error("commission_mismatch", quote_id=answer.quote_id, differences=differences)


def differences_of(rulebook: Rulebook, answer: LocalAnswer) -> Generator[None, None, list[str]]:
    """What is wrong with the commission of an answer that was priced by this rulebook; yields after each line."""
    quote, request = parse_exact(issued_data(answer)), parse_exact(answer.request)
    address = request["delivery_address"]
    quoted = QuotedCommission(
        quote=quote,
        request=request,
        provider=request["logistics_provider"]
        if "logistics_provider" in request
        else _provider_of_fee(rulebook, quote),
        exponent=EXPONENTS[quote["currency"]],
        regions=address_regions(address["country"], address["city"], address.get("district")),
        at_us=answer.issued_at_us,
    )
    return (yield from find_differences(quoted, lambda *values: _candidates(rulebook.rates, *values)))


def _provider_of_fee(rulebook: Rulebook, quote: dict[str, Any]) -> str | None:
    """Who delivers by the rule that set the delivery fee."""
    for rule in quote["applied_rules"]:
        if rule["type"] in ("DELIVERY_FEE", "EXPRESS_FEE"):
            provider: str | None = getattr(rulebook.rules[rule["id"]].compiled.effect, "provider", None)
            return provider
    return None


def _candidates(
    index: RateIndex, seller_id: str, category_id: str | None, provider: str | None
) -> Iterable[CompiledRate]:
    """Every rate that names nothing but these values, wherever and whenever it counts."""
    for bits in product((0, 1), repeat=3):
        named = bits[0] | bits[1] << 1 | bits[2] << 2
        node = index.rates_of(named, rate_key(named, seller_id, category_id or "", provider or ""))
        if isinstance(node, dict):
            for rates in node.values():
                yield from rates
        else:
            yield from node
