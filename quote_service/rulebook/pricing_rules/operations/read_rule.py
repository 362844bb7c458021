"""A pricing rule out of a request body: its frame, its configuration by type, and what does not fit between them.

Source: docs/spec/pricing-rules.md#types.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from quote_service.platform.documents.documents import FAULTS_MAX, read_value
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.rule_types.registry import CONFIGURATIONS
from quote_service.pricing.rulebook.rule import RuleDraft, normalised_configuration, rule_faults, rule_in_currency
from quote_service.rulebook.pricing_rules.model.rule_records import started

_CONFIGURATION = "/configuration"


def read_rule(document: Any, at: datetime, default_currency: str | None, pointer: str = "") -> RuleDraft:
    """Read a parsed body as a rule.

    Args:
        document: What `parse_json` gave.
        at: Where the rule names no start, it counts from this instant.
        default_currency: Where the rule has amounts and names none; None refuses it.
        pointer: Where the rule stands in the body.

    Raises:
        Invalid: With every fault found in the frame and in the configuration.
    """
    faults: dict[str, Fault] = {}
    draft = configuration = None
    try:
        draft = started(read_value(document, RuleDraft), at)
    except Invalid as refused:
        faults.update((fault.pointer, fault) for fault in refused.faults)
    given = document.get("configuration") if isinstance(document, dict) else None
    kind = CONFIGURATIONS.get(str(document.get("type"))) if isinstance(document, dict) else None
    if kind is not None and isinstance(given, dict):
        for fault in _repeated(given):
            faults.setdefault(fault.pointer, fault)
        try:
            configuration = read_value(normalised_configuration(given), kind, _CONFIGURATION)
        except Invalid as refused:
            for fault in refused.faults:
                faults.setdefault(_as_sent(given, fault).pointer, _as_sent(given, fault))
    if draft is not None and configuration is not None:
        draft = rule_in_currency(draft, configuration, default_currency)
        for fault in rule_faults(draft, configuration):
            faults.setdefault(_as_sent(given, fault).pointer, _as_sent(given, fault))
    if faults:
        found = (Fault(pointer + fault.pointer, fault.detail) for fault in faults.values())
        raise Invalid.because(tuple(found)[:FAULTS_MAX])
    assert draft is not None
    return draft


def _repeated(configuration: dict[str, Any]) -> Iterator[Fault]:
    """Fields that stand both beside `value` and in it."""
    value = configuration.get("value")
    if isinstance(value, dict):
        for name in value:
            if name in configuration and name != "value":  # a bundle's value may hold its own value
                yield Fault(f"{_CONFIGURATION}/value/{name}", "is also given beside value, or does not belong in it")


def _as_sent(configuration: Any, fault: Fault) -> Fault:
    """A fault of a field that was sent within `value`, with the pointer to where it stands."""
    value = configuration.get("value") if isinstance(configuration, dict) else None
    name, _, rest = fault.pointer.removeprefix(f"{_CONFIGURATION}/").partition("/")
    if not isinstance(value, dict) or not fault.pointer.startswith(f"{_CONFIGURATION}/") or name not in value:
        return fault
    return Fault("/".join(filter(None, (f"{_CONFIGURATION}/value/{name}", rest))), fault.detail)
