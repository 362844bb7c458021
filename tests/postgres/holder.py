"""A follower that holds rows instead of compiling them."""

from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule
from quote_service.rulebook.snapshot.model.position import Known
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


class HeldRows(RulebookHolder):
    """The rows of the rulebook version held, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.version_held = 0
        self.complete_reads = 0
        self.confirmations = 0
        self.applied: list[RulebookChanges] = []
        self.rates: dict[str, StoredRate] = {}
        self.rules: dict[str, StoredRule] = {}
        self.flags: dict[str, StoredFlag] = {}
        self.exhaustions: dict[tuple[str, str | None], int] = {}
        self.spends: dict[tuple[str, str, str | None], int] = {}

    @property
    def version(self) -> int:
        return self.version_held

    def apply(self, changes: RulebookChanges, known: Known | None = None) -> None:
        if known is not None:
            self.learn(known)
        if changes.is_complete:
            self.complete_reads += 1
            for held in (self.rates, self.rules, self.flags, self.exhaustions, self.spends):
                held.clear()
        self.rates |= {rate.id: rate for rate in changes.rates}
        for identifier in changes.ended_rate_ids:
            self.rates.pop(identifier, None)
        self.rules |= {rule.id: rule for rule in changes.rules}
        self.flags |= {flag.id: flag for flag in changes.flags}
        for flag in changes.flags:
            if flag.is_archived:
                del self.flags[flag.id]
        self.exhaustions |= {(one.rule_name, one.customer_id): one.uses for one in changes.exhaustions}
        self.spends |= {
            (one.rule_name, one.currency, one.customer_id): one.spent_minor for one in changes.budget_spends
        }
        self.version_held = changes.version
        self.applied.append(changes)

    def confirm(self) -> None:
        self.confirmations += 1

    def live_exhaustions(self) -> dict[tuple[str, str | None], int]:
        """Those of coupons that still have an active version; a follower may hold others without harm."""
        names = {rule.draft.name for rule in self.rules.values() if rule.draft.is_active}
        return {key: uses for key, uses in self.exhaustions.items() if key[0] in names}

    def live_spends(self) -> dict[tuple[str, str, str | None], int]:
        """Likewise of rules that still have an active version."""
        names = {rule.draft.name for rule in self.rules.values() if rule.draft.is_active}
        return {key: spent for key, spent in self.spends.items() if key[0] in names}

    def content(self) -> tuple[object, ...]:
        return self.version, self.rates, self.rules, self.flags, self.live_exhaustions(), self.live_spends()
