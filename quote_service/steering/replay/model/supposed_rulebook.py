"""A rulebook of the past as it would have been with what is supposed.

Source: docs/spec/replay.md#what-is-supposed.
"""

from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.pricing.commission.compiled_rate import CompiledRate, compile_rate
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule
from quote_service.pricing.rulebook.supposed_rows import stored_rate, stored_rule
from quote_service.steering.replay.model.supposed_change import PRICE_PLACES, SupposedChange
from quote_service.steering.replay.model.unmoved import Unmoved

# Before any quote: what names no start counts from the beginning.
_BEGINNING_US = 0
Prices = dict[tuple[str, str | None, str], int]


class PreparedChange:
    """A change made ready once for all rulebooks: compiled rates, prices in millionths, and ids that are the same each time."""

    def __init__(self, change: SupposedChange) -> None:
        self.is_empty = change.is_empty
        self.change = change
        self.rules = [draft for draft in change.draft_rules if draft.is_active]
        self.rule_ids = [_id(f"rule {index}") for index in range(len(self.rules))]
        self.rates: list[CompiledRate] = [
            compile_rate(stored_rate(draft, _id(f"rate {index}"), _BEGINNING_US))
            for index, draft in enumerate(change.draft_rates)
            if draft.is_active
        ]
        self.ended_rules = frozenset(change.ended_rules)
        self.ended_rule_ids = frozenset(
            name.lower() for name in change.ended_rules
        )  # UUIDs are, however they are written
        self.ended_rate_ids = [str(rate_id) for rate_id in change.ended_rates]
        self.prices: Prices = {
            (
                str(each.product_id),
                None if each.variant_id is None else str(each.variant_id),
                each.currency,
            ): scale_decimal(each.price, PRICE_PLACES)
            for each in change.price_changes
        }
        self.has_flags = bool(change.draft_flags or change.ended_flags)
        self.has_price_rules = any(RULE_TYPES[draft.type].adjusts_price is not None for draft in self.rules)


class SupposedBook(NamedTuple):
    """`rulebook` is None where it is the one that counted; `moves_prices` where the catalog's prices hang on the change.

    `unmoved` knows which quotes the change cannot move, where it may be asked: not with other prices, nor with other flags.
    """

    rulebook: Rulebook | None
    moves_prices: bool
    unmoved: Unmoved | None = None


def suppose(held: Rulebook, prepared: PreparedChange) -> SupposedBook:
    """The rulebook with a change; the given one stays as it is.

    Raises:
        msgspec.ValidationError: A draft does not fit its type in this release.
    """
    if prepared.is_empty:
        return SupposedBook(None, moves_prices=False)
    newest: dict[str, int] = {}
    ended: list[StoredRule] = []
    moves_prices = prepared.has_price_rules
    for rule_id, known in held.rules.items():
        compiled = known.compiled
        newest[compiled.name] = max(newest.get(compiled.name, 0), compiled.version)
        if compiled.adjusts_price and prepared.has_flags:
            moves_prices = True
        if rule_id in prepared.ended_rule_ids or compiled.name in prepared.ended_rules:
            moves_prices = moves_prices or compiled.adjusts_price
            ended.append(
                msgspec.structs.replace(
                    known.stored, draft=msgspec.structs.replace(known.stored.draft, is_active=False)
                )
            )
    rules: list[StoredRule] = []
    for rule_id, draft in zip(prepared.rule_ids, prepared.rules, strict=True):
        newest[draft.name] = newest.get(draft.name, 0) + 1
        rules.append(stored_rule(draft, rule_id, newest[draft.name], _BEGINNING_US))
    changes = RulebookChanges(
        version=held.version,
        is_complete=False,
        rates=list(prepared.rates),
        ended_rate_ids=prepared.ended_rate_ids,
        rules=[*ended, *rules],
        flags=_flags(held, prepared.change),
        exhaustions=[],
    )
    changed, moves_prices = apply_changes(held, changes), moves_prices or bool(prepared.prices)
    return SupposedBook(changed, moves_prices, None if moves_prices or prepared.has_flags else Unmoved(changed))


def _flags(held: Rulebook, change: SupposedChange) -> list[StoredFlag]:
    by_key = {flag.draft.key: flag for flag in held.flags.values()}
    flags = []
    for key in change.ended_flags:
        known = by_key.get(key)
        if known is not None:
            flags.append(msgspec.structs.replace(known, is_archived=True))
    for draft in change.draft_flags:
        known = by_key.get(draft.key)
        flag_id = _id(f"flag {draft.key}") if known is None else known.id
        version = 1 if known is None else known.version + 1
        flags.append(StoredFlag(id=flag_id, version=version, draft=draft, is_archived=False, changed_in=0))
    return flags


def _id(what: str) -> str:
    return str(UUID(bytes=blake2b(what.encode(), digest_size=16).digest()))
