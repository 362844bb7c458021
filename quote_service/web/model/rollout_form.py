"""The form of a rollout: what stands in it, and the flag that it makes.

Source: docs/spec/web.md#flags.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

Fields = Mapping[str, list[str]]

# What of a flag's record is the flag itself; the rest is what became of it.
_DRAFT = (
    "key", "type", "value", "name", "description", "is_enabled", "default_value", "expose_in_quote", "accept_group", "salt",
    "algorithm", "guardrails",
)  # fmt: skip
_LISTS = ("customer_segments", "customer_tiers", "regions")
_MOMENTS = ("starts_at", "ends_at")
# What the form does not show stays as it is.
_KEPT = ("variants", "overrides", "accept_group", "stickiness")


class RolloutForm(NamedTuple):
    """What stands in the fields."""

    is_enabled: bool
    percentage: str
    customer_segments: str
    customer_tiers: str
    regions: str
    starts_at: str
    ends_at: str
    steps: tuple[tuple[str, str], ...]


def form_of_flag(flag: Mapping[str, Any]) -> RolloutForm:
    """The form as a flag fills it."""
    rollout = flag.get("rollout") or {}
    percentage = rollout.get("percentage")
    lists = {
        "customer_segments": rollout.get("customer_segments") or rollout.get("user_segments") or (),
        "customer_tiers": rollout.get("customer_tiers") or (),
        "regions": rollout.get("regions") or (),
    }
    return RolloutForm(
        is_enabled=bool(flag["is_enabled"]),
        percentage="" if percentage is None else str(percentage),
        **{name: ", ".join(values) for name, values in lists.items()},
        **{name: str(rollout.get(name) or "")[:16] for name in _MOMENTS},
        steps=tuple((str(step["at"])[:16], str(step["percentage"])) for step in rollout.get("schedule") or ()),
    )


def form_of_fields(fields: Fields) -> RolloutForm:
    """The form as somebody filled it."""
    steps = zip(fields.get("step_at", ()), fields.get("step_percentage", ()), strict=False)
    return RolloutForm(
        is_enabled="is_enabled" in fields,
        percentage=_first(fields, "percentage"),
        **{name: _first(fields, name) for name in (*_LISTS, *_MOMENTS)},
        steps=tuple((at.strip(), percentage.strip()) for at, percentage in steps if at.strip() or percentage.strip()),
    )


def flag_of_form(flag: Mapping[str, Any], form: RolloutForm) -> dict[str, Any]:
    """The flag as the form would have it: a body that the API replaces it by. What is no number is left for the API to refuse."""
    held = flag.get("rollout") or {}
    rollout: dict[str, Any] = {name: held[name] for name in _KEPT if held.get(name)}
    if form.percentage:
        rollout["percentage"] = _number(form.percentage)
    for name in _LISTS:
        if words := [word.strip() for word in str(getattr(form, name)).split(",") if word.strip()]:
            rollout[name] = words
    for name in _MOMENTS:
        if moment := str(getattr(form, name)):
            rollout[name] = _moment(moment)
    if form.steps:
        rollout["schedule"] = [{"at": _moment(at), "percentage": _number(share)} for at, share in form.steps]
    draft = {name: flag[name] for name in _DRAFT if flag.get(name) is not None}
    return {**draft, "is_enabled": form.is_enabled, "rollout": rollout or None}


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0].strip()


def _moment(text: str) -> str:
    # A browser gives a moment without a zone; the form says that it is UTC.
    return text if text.endswith("Z") else f"{text}:00Z" if len(text) == 16 else f"{text}Z"


def _number(text: str) -> Any:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
