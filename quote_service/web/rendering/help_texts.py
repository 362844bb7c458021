"""What the API's description says of a field, as it is said to people: names as their labels, no null and nothing "left out".

Source: docs/spec/web.md#forms.
"""

import re
from collections.abc import Collection

from quote_service.web.rendering.texts import words_of

_CODE = re.compile(r"`([^`]+)`")
#: A name as it stands in a formula, without marks.
_BARE_NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_DEFAULT = re.compile(r' ?Default: `"?([^`"]*)"?`\.')
_SWITCH = {"true": "yes", "false": "no"}
# In this order. What is empty in a form is left out; only where that means nothing of its own does it do for null.
_WORDINGS = tuple(
    (re.compile(pattern), wording)
    for pattern, wording in (
        (r"(?:[;,]|\.) [Nn]ull for [^,;.]+, left out (for|to) ", r"; empty \1 "),
        # What a form has fields of its own for.
        (r" An object with the fields [^.]*\.", ""),
        (r"\bof null\b", "that is empty"),
        (r"\bnull\b", "empty"),
        (r"\bNull\b", "Empty"),
        (r"(?<=\. )empty\b", "Empty"),
        (r"\bLeft out\b", "Empty"),
        (r"(?<=[;,] )left out (?=to |for )", "empty "),
        (r"\bmay be left out\b", "may be empty"),
        (r"\b(if|Made if) left out\b", r"\1 empty"),
        (r" x (?=[a-z\d(`“])", " × "),
    )
)


#: Ticks stand as they are, so none is nothing, and not what is kept.
_KEPT = re.compile(r"[;,] left out to keep them(?=\.)")


def for_ticks(description: str) -> str:
    """A description without what it says of leaving out: a form always says which of its choices are ticked."""
    return _KEPT.sub("", description)


def for_people(description: str, names: Collection[str]) -> str:
    """A sentence of the API's description; whatever is code after all stays between backticks.

    Args:
        description: As the API's reference has it.
        names: Of the API's fields and choices, which forms show as labels.
    """

    def named(name: str) -> str:
        return f"“{words_of(name.lower())}”"

    def code(found: re.Match[str]) -> str:
        span = found[1].strip('"')
        if span in _SWITCH:
            return _SWITCH[span]
        return named(span) if span in names else f"`{span}`"

    def bare(found: re.Match[str]) -> str:
        return named(found[0]) if found[0] in names else found[0]

    def default(found: re.Match[str]) -> str:
        reported = found[1]
        shown = _SWITCH.get(reported) or (words_of(reported.lower()) if reported in names else reported)
        return f" Default: {shown}." if reported else ""

    text = _DEFAULT.sub(default, description)
    for pattern, wording in _WORDINGS:
        text = pattern.sub(wording, text)
    parts = _CODE.split(text)
    # Split at marks, what was between them stands at every odd place.
    parts[::2] = [_BARE_NAME.sub(bare, part) for part in parts[::2]]
    parts[1::2] = [code(found) for part in parts[1::2] if (found := _CODE.fullmatch(f"`{part}`"))]
    return "".join(parts)


def choice_text(choice: str) -> str:
    """A choice of the API as people read it; what is no word, such as a scope or a version, stays as it is."""
    if choice in _SWITCH:
        return _SWITCH[choice]
    is_name = re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)*|[A-Z]{4,}(?:_[A-Z0-9]+)*", choice)
    return words_of(choice.lower()) if is_name else choice
