"""What a change set changes: as it is sent, and as it is kept, beside what the author saw.

A rule goes by its name, a flag by its key, a commission rate by its id, a price by product, variant and currency. Each is
changed once in a set.

Source: docs/spec/change-sets.md#contents.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft, FlagKey
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.shop.catalog.model.prices import Currency, UnitPrice

Action = Literal["create", "replace", "end"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=2000)]
#: As many as a replay supposes.
RULES_MAX = 100
FLAGS_MAX = 100
RATES_MAX = 1000
PRICES_MAX = 500


class RuleEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pricing rule to create, to give a next version, or to end."""

    action: Action
    """`create` a new rule, `replace` it by a next version, or `end` it: all its active versions are deactivated."""
    name: Name | None = None
    """Name of the rule to end; otherwise it is that of `draft`."""
    draft: RuleDraft | None = None
    """The rule. Without `effective_from` it takes effect when the set is published. Required unless the rule ends."""


class RateEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A commission rate to create, replace or end."""

    action: Action
    """`create` a new rate, `replace` the one with `rate_id`, or `end` it."""
    rate_id: UUID | None = None
    """The rate to replace or end; left out to create one."""
    draft: RateDraft | None = None
    """The rate. Without `effective_from` a new one takes effect when the set is published, and a replaced one keeps its
    own. Required unless the rate ends.
    """


class FlagEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A feature flag to create, replace or switch off."""

    action: Action
    """`create` a new flag, `replace` it, or `end` it: it is switched off."""
    key: FlagKey | None = None
    """Key of the flag to end; otherwise it is that of `draft`."""
    draft: FlagDraft | None = None
    """The flag. Required unless the flag ends."""


class PriceEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new current price of a product or variant."""

    product_id: UUID
    """The product."""
    variant_id: UUID | None = None
    """The variant whose price it is; null for the product itself."""
    currency: Currency
    """ISO 4217 code; one that the product is sold in."""
    price: UnitPrice
    """The price of a unit, from `min_price` to `max_price`."""


class ChangeSetDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change set as it is sent."""

    name: Name
    """Name of the set, for people."""
    note: Note | None = None
    """What the set is for."""
    rules: Annotated[list[RuleEdit], msgspec.Meta(max_length=RULES_MAX)] = []
    """Pricing rules to change, each once."""
    rates: Annotated[list[RateEdit], msgspec.Meta(max_length=RATES_MAX)] = []
    """Commission rates to change, each once."""
    flags: Annotated[list[FlagEdit], msgspec.Meta(max_length=FLAGS_MAX)] = []
    """Feature flags to change, each once."""
    prices: Annotated[list[PriceEdit], msgspec.Meta(max_length=PRICES_MAX)] = []
    """Prices to change, each once."""


class RuleChange(RuleEdit, frozen=True, kw_only=True):
    """A pricing rule as the set changes it."""

    seen: str
    """State of the rule that the change was written for."""
    before: list[RuleDraft]
    """The rule's active versions in that state, oldest first."""
    published: str | None = None
    """State of the rule right after the set was published; null before."""


class RateChange(RateEdit, frozen=True, kw_only=True):
    """A commission rate as the set changes it. A rate that the set created has its id once the set is published."""

    seen: str
    """State of the rate that the change was written for."""
    before: RateDraft | None
    """The rate in that state; null where there was none."""
    published: str | None = None
    """State of the rate right after the set was published; null before."""


class FlagChange(FlagEdit, frozen=True, kw_only=True):
    """A feature flag as the set changes it."""

    seen: str
    """State of the flag that the change was written for."""
    before: FlagDraft | None
    """The flag in that state; null where there was none."""
    published: str | None = None
    """State of the flag right after the set was published; null before."""


class PriceEntry(PriceEdit, frozen=True, kw_only=True):
    """A price as the set changes it."""

    seen: str
    """State of the price that the change was written for."""
    before: ExactNumber | None
    """The current price in that state; null where there was none."""
    published: str | None = None
    """State of the price right after the set was published; null before."""


AnyChange = RuleChange | RateChange | FlagChange | PriceEntry


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a set changes."""

    rules: list[RuleChange] = []
    rates: list[RateChange] = []
    flags: list[FlagChange] = []
    prices: list[PriceEntry] = []

    def entries(self) -> "Iterator[Entry]":
        """Every change with its place, in the order of the sections."""
        for section in SECTIONS:
            for index, change in enumerate(getattr(self, section)):
                yield Entry(f"/{section}/{index}", key_of(change, index), change)

    def mapped(self, changes: "dict[str, AnyChange | None]") -> "Contents":
        """With some changes in the place of those that stand there, by pointer; None takes one out."""
        return Contents(
            **{
                section: [
                    found
                    for index, change in enumerate(getattr(self, section))
                    if (found := changes.get(f"/{section}/{index}", change)) is not None
                ]
                for section in SECTIONS
            }
        )


SECTIONS = ("rules", "rates", "flags", "prices")
Key = tuple[str, ...]


class Entry(NamedTuple):
    """A change, where it stands in the set, and what it is about."""

    pointer: str
    key: Key
    change: AnyChange


def key_of(change: RuleEdit | RateEdit | FlagEdit | PriceEdit, index: int) -> Key:
    """What a change is about: no two changes of a set share it. A rate that is to be made has no id yet; its place stands for it."""
    if isinstance(change, RuleEdit):
        return ("rule", name_of(change))
    if isinstance(change, FlagEdit):
        return ("flag", flag_key_of(change))
    if isinstance(change, RateEdit):
        return ("rate", str(change.rate_id)) if change.rate_id is not None else ("new rate", str(index))
    return ("price", str(change.product_id), str(change.variant_id or ""), change.currency)


def name_of(edit: RuleEdit) -> str:
    """The name of the rule."""
    return edit.draft.name if edit.draft is not None else edit.name or ""


def flag_key_of(edit: FlagEdit) -> str:
    """The key of the flag."""
    return edit.draft.key if edit.draft is not None else edit.key or ""
