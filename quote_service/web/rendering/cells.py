"""What stands in a cell of a list, and the facts of an object.

Source: docs/spec/web.md#lists.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup

from quote_service.platform.documents.renamed import without_former_names
from quote_service.web.model.subjects.subject import Column
from quote_service.web.rendering.changes import changes_between
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.texts import amount_text, code_markup, instant_markup, short_id_markup, words_of

_GOOD = frozenset(
    {"active", "fulfilled", "delivered", "applied", "ACTIVE", "normal", "ok", "not_modified", "matched", "in_stock"}
)
_CAREFUL = frozenset(
    {"scheduled", "draft", "placed", "pending", "partly_refunded", "low", "SCHEDULED", "proposed", "timeout"}
    | {"no_price", "several_prices", "unreachable", "open", "suggested", "held"}
)
_BAD = frozenset(
    {"cancelled", "failed", "parked", "ROLLED_BACK", "refunded", "blocked", "parse_error", "gone", "robots_denied"}
)


class Named(NamedTuple):
    """What an id stands for: its name, and its page if it has one."""

    name: str
    path: str


Names = Mapping[str, Named]
_NOBODY: Names = MappingProxyType({})
_NOTHING = Markup('<span class="dim">–</span>')
_PEOPLE = frozenset(
    {"id", "created_by", "updated_by", "decided_by", "acknowledged_by", "published_by", "rolled_back_by", "actor"}
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$")
_TAGS = frozenset({"status", "type", "level", "role", "last_outcome", "match_status", "outcome", "availability"})
#: Members that are one of a few choices, told in words.
_CHOICES = frozenset({"kind", "mode", "design", "metric", "origin", "match_method", "verdict", "scope", "engine"})
_WORDS_SHOWN = 4
_CHANGES_SHOWN = 6


def cell(column: Column, row: Mapping[str, Any], named: Names = _NOBODY) -> Markup:
    """A member of a row, as its column shows it; an id that is in `named` by that name."""
    if column.kind == "changes":
        return _changes(row)
    value = _member(row, column.member)
    if value is None or value == [] or value == "":
        return _NOTHING
    match column.kind:
        case "code":
            return code_markup(value)
        case "id":
            return _identity(value, named)
        case "instant":
            return instant_markup(str(value))
        case "tag":
            return tag(str(value), column.words.get(str(value), ""))
        case "switch":
            return Markup('<span class="tag good">Yes</span>') if value else Markup('<span class="tag">No</span>')
        case "alarm":
            return Markup('<span class="tag bad">Yes</span>') if value else Markup('<span class="dim">No</span>')
        case "amount":
            currency = _member(row, f"{column.member.rpartition('.')[0]}.currency".lstrip("."))
            return Markup("{}").format(amount_text(value, currency or ""))
        case "number":
            return Markup("{}").format(amount_text(value))
        case "words":
            return _words(value)
        case "reasons":
            return Markup(" ").join(tag(str(each)) for each in value)
        case "json":
            return Markup("<details><summary>Show</summary><pre tabindex='0'>{}</pre></details>").format(
                json_text(value)
            )
    return Markup("{}").format(value)


def _changes(row: Mapping[str, Any]) -> Markup:
    """What differs between `before` and `after` of a row: the fields by name, and unfolded the first of their values.

    All of them are on the row's own page: fifty rows of a list hold thousands.
    """
    before, after = row.get("before"), row.get("after")
    found = changes_between(
        before if isinstance(before, Mapping) else None, after if isinstance(after, Mapping) else None, ()
    )
    if not found:
        return _NOTHING
    names = ", ".join(change.label for change in found[:_WORDS_SHOWN])
    more = f" and {len(found) - _WORDS_SHOWN} more" if len(found) > _WORDS_SHOWN else ""
    rows = Markup("").join(
        Markup("<tr><td>{}</td><td><del>{}</del></td><td><ins>{}</ins></td></tr>").format(*change)
        for change in found[:_CHANGES_SHOWN]
    )
    return Markup(
        "<details><summary>{}{}</summary><table class='changes'><thead><tr><th>Field</th><th>Before</th><th>After</th></tr>"
        "</thead><tbody>{}</tbody></table></details>"
    ).format(names, more, rows)


def tag(word: str, shown: str = "") -> Markup:
    """A state as a tag, in the colour of how good it is; in other words than its own if there are any."""
    kind = "good" if word in _GOOD else "warn" if word in _CAREFUL else "bad" if word in _BAD else ""
    return Markup('<span class="tag {}">{}</span>').format(
        kind, words_of(shown or (word.lower() if word.isupper() else word))
    )


class Fact(NamedTuple):
    """A member of an object: its name in words, and how it is shown; a table where it is a list of objects."""

    label: str
    shown: Markup
    is_wide: bool = False


def facts(document: Mapping[str, Any], named: Names = _NOBODY) -> Iterator[Fact]:
    """Every member of an object, in the API's order; ids that are in `named` by that name."""
    currency = document.get("currency")
    for name, value in without_former_names(document).items():
        if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            yield Fact(words_of(name), _table(words_of(name), value), True)
        elif isinstance(value, Mapping) and value:
            inner = Markup("").join(
                Markup("<dt>{}</dt><dd>{}</dd>").format(fact.label, fact.shown) for fact in facts(value, named)
            )
            yield Fact(words_of(name), Markup('<dl class="facts inner">{}</dl>').format(inner), True)
        else:
            label = name.removesuffix("_id") if isinstance(value, str) and value in named else name
            yield Fact(words_of(label), _scalar(name, value, currency, named))


def _scalar(name: str, value: Any, currency: Any, named: Names = _NOBODY) -> Markup:
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return Markup("Yes") if value else Markup("No")
    if isinstance(value, list):
        return _words(value)
    if isinstance(value, str) and _INSTANT.match(value):
        return instant_markup(value)
    if name.endswith("_id") or name in _PEOPLE:
        return _identity(value, named)
    if isinstance(value, str) and name in _CHOICES:
        return Markup("{}").format(words_of(value))
    if isinstance(value, str):
        return tag(value) if name in _TAGS or name.endswith(("_type", "_status")) else Markup("{}").format(value)
    is_amount = name.endswith(("amount", "total", "price", "fee", "balance", "payout", "commission", "discount"))
    return Markup("{}").format(amount_text(value, currency if is_amount and isinstance(currency, str) else ""))


def _identity(value: Any, named: Names) -> Markup:
    known = named.get(str(value))
    if known is not None:
        return (
            Markup('<a href="{}">{}</a>').format(known.path, known.name)
            if known.path
            else Markup("{}").format(known.name)
        )
    return short_id_markup(str(value)) if len(str(value)) == 36 else Markup("{}").format(value)


def _table(label: str, rows: list[Mapping[str, Any]]) -> Markup:
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if any(_is_given(row, name) for row in rows)
    ]
    head = Markup("").join(Markup("<th>{}</th>").format(words_of(name)) for name in names)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(_inner(name, row.get(name), row)) for name in names)
        )
        for row in rows
    )
    return Markup(
        '<div class="table" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(label, head, body)


def _is_given(row: Mapping[str, Any], name: str) -> bool:
    return row.get(name) not in (None, "", [], {})


def _inner(name: str, value: Any, row: Mapping[str, Any]) -> Markup:
    if isinstance(value, Mapping) and value:
        return _folded("Show", value)
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return _folded(str(len(value)), value)
    return _scalar(name, value, row.get("currency"))


def _folded(label: str, value: Any) -> Markup:
    return Markup("<details><summary>{}</summary><pre tabindex='0'>{}</pre></details>").format(label, json_text(value))


def _words(values: Any) -> Markup:
    if isinstance(values, Mapping):
        return Markup("<code>{}</code>").format(json_text(values))
    shown = [_word(value) for value in values[:_WORDS_SHOWN]]
    more = len(values) - len(shown)
    text = Markup(" ").join(shown)
    return text if more <= 0 else Markup("{} <span class='dim small'>and {} more</span>").format(text, more)


def _word(value: Any) -> Markup:
    if isinstance(value, Mapping) and "current_price" in value:
        return Markup("<span class='tag'>{}</span>").format(amount_text(value["current_price"], value["currency"]))
    if isinstance(value, Mapping):
        return Markup("<code>{}</code>").format(json_text(value))
    if _ID.match(str(value)):
        return short_id_markup(str(value))
    return Markup("<span class='tag'>{}</span>").format(value)


def _member(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
