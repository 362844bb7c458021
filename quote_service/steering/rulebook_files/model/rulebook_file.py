"""The rulebook as a document: what it holds, in which order, and how it is read back.

A rule goes by its name, a flag by its key, a rate by what it covers: nothing has an id, so that one file serves many
environments. A field that has its default is left out.

Source: docs/spec/rulebook-files.md#form.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX, read_value
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.documents.renamed import with_new_names
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.commission.kept_scope import scope_of_kept
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.commission_rates.model.rate_records import content_of, period_faults, scope_of
from quote_service.steering.rulebook_files.model.yaml_text import Located, write_yaml

Section = Literal["rules", "flags", "rates"]
SECTIONS: tuple[Section, ...] = ("rules", "flags", "rates")
#: Of what is written. In a file of format 1 `ORDER` is what `QUOTE` is now, and new discounts go below `min_price`.
FORMAT = 2
#: More of them nobody reviews; they have their own export and import as CSV.
RATES_MAX = 2000
ReadRule = Callable[[Any, str], RuleDraft]
_HEAD = "# Pricing rules, feature flags and commission rates, as `quote-service rulebook export` writes them.\n"


class RulebookFile(NamedTuple):
    """What a file says; a section that it does not have is None, and left alone by an import. `is_former`: it has format 1."""

    rules: list[RuleDraft] | None = None
    flags: list[FlagDraft] | None = None
    rates: list[RateDraft] | None = None
    is_former: bool = False


class _Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1, 2]
    rules: list[Any] | None = None
    flags: list[Any] | None = None
    rates: list[Any] | None = None


def write_file(file: RulebookFile) -> str:
    """The text of a file: the same for the same content, whatever order it comes in."""
    document: dict[str, Any] = {"format": FORMAT}
    if file.rules is not None:  # versions of one name stay in their order
        document["rules"] = [document_of(draft) for draft in sorted(file.rules, key=lambda each: each.name)]
    if file.flags is not None:
        document["flags"] = [document_of(draft) for draft in sorted(file.flags, key=lambda each: each.key)]
    if file.rates is not None:
        rates = sorted(map(content_of, file.rates), key=_rate_order)
        document["rates"] = [document_of(draft) for draft in rates]
    return _HEAD + write_yaml(document)


def document_of(draft: RuleDraft | FlagDraft | RateDraft) -> dict[str, Any]:
    """One of them as plain values, its numbers as they were written."""
    written: dict[str, Any] = parse_exact(json_literal(with_new_names(draft)))
    shown = {}
    for field in msgspec.structs.fields(draft):
        name, value = field.encode_name, getattr(draft, field.name)
        if name not in written or (not field.required and value == field.default and value is not msgspec.UNSET):
            continue
        # Structs within write what was not given as null; what an admin wrote keeps its nulls.
        is_struct = name in ("conditions", "tiers", "rollout", "guardrails")
        shown[name] = _without_nulls(written[name]) if is_struct else written[name]
    return shown


def read_file(document: Located, read_rule: ReadRule) -> RulebookFile:
    """What a document says.

    Args:
        document: As it was read.
        read_rule: How an entry becomes a rule, and where it stands.

    Raises:
        Invalid: With every fault of every entry.
    """
    outline = read_value(document.value, _Outline)
    read_rate = _read_former_rate if outline.format == 1 else _read_rate
    faults: list[Fault] = []

    def entries(section: Section, read: Callable[[Any, str], Any]) -> list[Any] | None:
        given = getattr(outline, section)
        if given is None:
            return None
        drafts = []
        for index, entry in enumerate(given):
            try:
                drafts.append(read(entry, f"/{section}/{index}"))
            except Invalid as refused:
                faults.extend(refused.faults)
        return drafts

    file = RulebookFile(
        rules=entries("rules", read_rule),
        flags=entries("flags", _read_flag),
        rates=entries("rates", read_rate),
        is_former=outline.format == 1,
    )
    if not faults:
        faults += [*_repeated_keys(file.flags or []), *_mixed_types(file.rules or [])]
    if file.rates is not None and len(file.rates) > RATES_MAX:
        faults.append(Fault("/rates", f"has more than {RATES_MAX} rates; import them as CSV, without this section"))
    if faults:
        raise Invalid.because(tuple(faults)[:FAULTS_MAX])
    return file


def _read_flag(entry: Any, pointer: str) -> FlagDraft:
    draft = read_value(entry, FlagDraft, pointer)
    _refuse(flag_faults(draft), pointer)
    return draft


def _read_rate(entry: Any, pointer: str) -> RateDraft:
    draft = rate_in_currency(read_value(entry, RateDraft, pointer), None)
    _refuse((*rate_faults(draft), *(period_faults(draft) if draft.effective_from else ())), pointer)
    return draft


def _read_former_rate(entry: Any, pointer: str) -> RateDraft:
    draft = _read_rate(entry, pointer)
    return msgspec.structs.replace(draft, scope=scope_of_kept(draft.commission_type, draft.scope))


def _refuse(faults: Iterable[Fault], pointer: str) -> None:
    found = tuple(Fault(pointer + fault.pointer, fault.detail) for fault in faults)
    if found:
        raise Invalid.because(found)


def _repeated_keys(flags: list[FlagDraft]) -> list[Fault]:
    first: dict[str, int] = {}
    found = []
    for index, flag in enumerate(flags):
        if first.setdefault(flag.key, index) != index:
            found.append(Fault(f"/flags/{index}/key", f"is also the key of /flags/{first[flag.key]}"))
    return found


def _mixed_types(rules: list[RuleDraft]) -> list[Fault]:
    first: dict[str, int] = {}
    found = []
    for index, rule in enumerate(rules):
        before = first.setdefault(rule.name, index)
        if rule.type != rules[before].type:
            found.append(Fault(f"/rules/{index}/type", f"is not that of /rules/{before}, which has the same name"))
    return found


def _rate_order(rate: RateDraft) -> tuple[str, ...]:
    starts_at = "" if rate.effective_from is None else rate.effective_from.isoformat()
    return (*("" if part is None else str(part) for part in scope_of(rate)), starts_at, json_literal(rate))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    # A variant's value is the admin's: it may be null, or hold one.
    return {
        name: entry if name == "value" else _without_nulls(entry)
        for name, entry in value.items()
        if entry is not None or name == "value"
    }
