"""A pricing rule out of a request body: its frame, its configuration by type, and what does not fit between them.

Source: spec 4, "what does not fit is a 422 that points at the field".
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from quote_service.api.wire.documents import FAULTS_MAX, read_value
from quote_service.domain.errors import Fault, Invalid
from quote_service.domain.rule_records import started
from quote_service.domain.rules.configurations import Configuration
from quote_service.domain.rules.rule import CONFIGURATIONS, RuleDraft, normalised_configuration, rule_faults

_CONFIGURATION = "/configuration"
_KINDS: dict[str, type[Configuration]] = {str(name): kind for name, kind in CONFIGURATIONS.items()}


def read_rule(document: Any, at: datetime, pointer: str = "") -> RuleDraft:
    """Read a parsed body as a rule.

    Args:
        document: What `parse_json` gave.
        at: Where the rule names no start, it counts from this instant.
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
    kind = _KINDS.get(str(document.get("type"))) if isinstance(document, dict) else None
    if kind is not None and isinstance(given, dict):
        for fault in _repeated(given):
            faults.setdefault(fault.pointer, fault)
        try:
            configuration = read_value(normalised_configuration(given), kind, _CONFIGURATION)
        except Invalid as refused:
            for fault in refused.faults:
                faults.setdefault(_as_sent(given, fault).pointer, _as_sent(given, fault))
    if draft is not None and configuration is not None:
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
            if name in configuration:
                yield Fault(f"{_CONFIGURATION}/value/{name}", "is given beside value too, or cannot stand in it")


def _as_sent(configuration: Any, fault: Fault) -> Fault:
    """A fault of a field that was sent within `value`, with the pointer to where it stands."""
    value = configuration.get("value") if isinstance(configuration, dict) else None
    place, _, rest = fault.pointer.removeprefix(f"{_CONFIGURATION}/").partition("/")
    if not isinstance(value, dict) or not fault.pointer.startswith(f"{_CONFIGURATION}/") or place not in value:
        return fault
    return Fault("/".join(filter(None, (f"{_CONFIGURATION}/value/{place}", rest))), fault.detail)
