"""What the changes of a set are about, as it is now, and how that differs from what was expected.

Source: docs/spec/change-sets.md#conflicts.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, content_of
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, draft_of
from quote_service.steering.change_sets.model.change_sets import ChangeConflict
from quote_service.steering.change_sets.model.contents import AnyChange, Contents, Key
from quote_service.steering.rulebook_files.model.plan import flag_draft


class Target(NamedTuple):
    """What a change is about: `state` distinguishes one state of it from another, `rules` are the active versions, oldest first.

    At most one of `rate`, `flag` and `price` is given; all of them are None where there is no such thing. `newest` is the
    highest version of a rule, active or not, None where there never was one.
    """

    state: str
    rules: tuple[RuleRecord, ...] = ()
    newest: int | None = None
    rate: RateRecord | None = None
    flag: FlagRecord | None = None
    price: ExactNumber | None = None

    @property
    def rule_drafts(self) -> list[RuleDraft]:
        """The active versions as they would be sent."""
        return [draft_of(rule) for rule in self.rules]

    @property
    def rate_draft(self) -> RateDraft | None:
        """The rate as it would be sent."""
        return None if self.rate is None else content_of(self.rate)

    @property
    def flag_draft(self) -> FlagDraft | None:
        """The flag as it would be sent; None for an archived one too."""
        return None if self.flag is None or self.flag.is_archived else flag_draft(self.flag)

    def shown(self, key: Key) -> Any:
        """The thing as it is shown; None where there is none."""
        if key[0] == "rule":
            return self.rule_drafts or None
        return self.rate_draft or self.flag_draft or self.price


def rule_target(rules: list[RuleRecord], newest: int | None) -> Target:
    """A rule by its active versions."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.version))
    return Target(_digest(newest, *((rule.version, rule.revision) for rule in ordered)), ordered, newest)


def rate_target(rate: RateRecord | None) -> Target:
    """A rate, or that there is none yet."""
    return Target(_digest(None if rate is None else rate.version), rate=rate)


def flag_target(flag: FlagRecord | None) -> Target:
    """A flag, or that its key was never used."""
    return Target(_digest(None if flag is None else (str(flag.id), flag.version)), flag=flag)


def price_target(price: ExactNumber | None) -> Target:
    """A current price: whoever moved it there and back meanwhile changed nothing."""
    # By value: the digits that are written may differ.
    return Target(_digest(None if price is None else str(Decimal(price).normalize())), price=price)


def find_conflicts(contents: Contents, targets: Mapping[Key, Target], *, published: bool) -> Iterator[ChangeConflict]:
    """The changes whose object is not in the expected state, in the order of the set.

    Args:
        contents: The set's changes.
        targets: What each is about now.
        published: Whether the state right after the set was published is the expected one, and not what the author saw.
    """
    for pointer, key, change in contents.entries():
        target = targets[key]
        if target.state == (change.published if published else change.seen):
            continue
        yield ChangeConflict(
            pointer=pointer,
            detail=_detail_of(key, target, change, published=published),
            state=target.state,
            before=_as_published(change) if published else (change.before or None),
            now=target.shown(key),
        )


def _detail_of(key: Key, target: Target, change: AnyChange, *, published: bool) -> str:
    since = "since the set was published" if published else "since the change was written"
    kind, name = key[0], key[1]
    if kind == "price":
        where = f"the price of {key[2] or name} in {key[3]}"
        return f"{where} is gone {since}" if target.price is None else f"{where} is {target.price} now, changed {since}"
    named = {"rule": f"the rule {name}", "flag": f"the flag {name}"}.get(kind, f"the commission rate {name}")
    if target.shown(key) is None:
        return f"{named} was ended {since}"
    author = target.rules[-1] if target.rules else target.rate or target.flag
    assert author is not None  # only prices have none
    made = "created" if not published and not change.before else "changed"
    return f"{named} was {made} {since}, by {author.changed_by}"


def _as_published(change: AnyChange) -> Any:
    """What the set made of the object, as far as the set says."""
    return getattr(change, "draft", None) if hasattr(change, "draft") else getattr(change, "price", None)


def _digest(*parts: Any) -> str:
    return blake2b(json_literal(parts).encode(), digest_size=8).hexdigest()
