"""What a replay supposes: rules, rates, flags and prices that were not there, and some that were and had not been.

Source: docs/spec/replay.md#what-is-supposed.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import Amount, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.pricing.commission.kept_scope import kept_rate, rate_of_kept
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft, FlagKey
from quote_service.pricing.rulebook.rule import RuleDraft

RULES_MAX = 100
RATES_MAX = 1000
FLAGS_MAX = 100
ENDED_MAX = 1000
PRICES_MAX = 10_000
PRICE_PLACES = 6


class SupposedPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another list price of a product, or of one variant of it."""

    product_id: UUID
    """The product."""
    variant_id: UUID | None = None
    """The variant; null for the product and those of its variants that are not named."""
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    """ISO 4217 code of the currency of the price; quotes in other currencies keep theirs."""
    price: Amount
    """Price of one unit before price rules, with up to 6 decimals."""


class SupposedChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What is supposed of every quote; nothing at all is supposed to prove that quotes can be priced again.

    A draft without a start counts for all quotes; one with a period for quotes issued within that.
    """

    draft_rules: Annotated[list[RuleDraft], msgspec.Meta(max_length=RULES_MAX)] = []
    """Pricing rules to assume; each counts as the next version of its name. Without `effective_from`, from the beginning."""
    ended_rules: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]], msgspec.Meta(max_length=ENDED_MAX)
    ] = []
    """Pricing rules to leave out: by name all versions of it, or one version by its id."""
    draft_rates: Annotated[list[RateDraft], msgspec.Meta(max_length=RATES_MAX)] = []
    """Commission rates to assume. Without `effective_from`, from the beginning."""
    ended_rates: Annotated[list[UUID], msgspec.Meta(max_length=ENDED_MAX)] = []
    """Commission rates to leave out."""
    draft_flags: Annotated[list[FlagDraft], msgspec.Meta(max_length=FLAGS_MAX)] = []
    """Feature flags to assume in place of those with their keys."""
    ended_flags: Annotated[list[FlagKey], msgspec.Meta(max_length=FLAGS_MAX)] = []
    """Keys of feature flags to leave out."""
    price_changes: Annotated[list[SupposedPrice], msgspec.Meta(max_length=PRICES_MAX)] = []
    """List prices of products to assume."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is supposed."""
        return not any(getattr(self, name) for name in self.__struct_fields__)


def change_text(change: SupposedChange) -> str:
    """A change as it is kept."""
    return _with_rates(json_literal(change), kept_rate)


def read_change(text: str) -> SupposedChange:
    """A change that was kept.

    Raises:
        msgspec.ValidationError: An earlier release wrote it, and this one does not understand it.
    """
    return convert_exact(parse_exact(_readable(text)), SupposedChange)


def shown_change(text: str) -> bytes:
    """A change that was kept, as it is shown."""
    try:
        return write_document(read_change(text))
    except msgspec.ValidationError:
        return _readable(text).encode()


def _readable(text: str) -> str:
    return _with_rates(text, rate_of_kept)


def _with_rates(text: str, form: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    document = parse_exact(text)
    if "draft_rates" not in document:
        return text
    return json_literal({**document, "draft_rates": [form(rate) for rate in document["draft_rates"]]})


def price_faults(prices: list[SupposedPrice]) -> Iterator[Fault]:
    """What is wrong with well-formed prices."""
    seen: set[tuple[UUID, UUID | None, str]] = set()
    for index, supposed in enumerate(prices):
        pointer = f"/price_changes/{index}"
        if supposed.currency not in EXPONENTS:
            yield Fault(f"{pointer}/currency", "is not an ISO 4217 currency code")
        yield from quantity_faults(supposed, pointer, PRICE_PLACES)
        key = (supposed.product_id, supposed.variant_id, supposed.currency)
        if key in seen:
            yield Fault(pointer, "is the price of a product that is given already")
        seen.add(key)
