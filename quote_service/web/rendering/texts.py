"""Figures and instants as people read them.

Source: docs/spec/web.md#figures.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from quote_service.documents.documents import write_document

_MINUS = "\N{MINUS SIGN}"


def amount_text(amount: Any, currency: str = "") -> str:
    """An amount with every digit the API gave, thousands apart, and its currency behind it."""
    text = _grouped(str(amount))
    return f"{text}\N{NO-BREAK SPACE}{currency}" if currency else text


def signed_amount_text(amount: Any, currency: str = "") -> str:
    """As `amount_text`, with a plus where something is added."""
    text = amount_text(amount, currency)
    return text if text.startswith(_MINUS) or not Decimal(str(amount)) else f"+{text}"


def is_some(amount: Any) -> bool:
    """Whether an amount is more than nothing."""
    return Decimal(str(amount)) > 0


def percent_text(share: Any) -> str:
    """A share of 1 in percent, to a tenth; nothing where there is no share."""
    if share is None:
        return "–"
    return f"{Decimal(str(share)) * 100:,.1f}\N{NO-BREAK SPACE}%".replace("-", _MINUS)


def signed_percent_text(share: Any) -> str:
    """As `percent_text`, with a plus where it is more."""
    text = percent_text(share)
    return f"+{text}" if share is not None and Decimal(str(share)) > 0 else text


def fixed_text(figure: Any, places: int) -> str:
    """A measured figure (a rate, a time) to so many places; nothing where there is none."""
    return "–" if figure is None else f"{Decimal(str(figure)):,.{places}f}".replace("-", _MINUS)


def instant_markup(instant: str | None, missing: str = "never") -> Markup:
    """An instant in UTC, which the page's script turns into the viewer's zone; UTC stays as its title."""
    if not instant:
        return Markup('<span class="dim">{}</span>').format(missing)
    shown = f"{instant[:10]} {instant[11:16]}"
    return Markup('<time datetime="{}" title="{} UTC">{} UTC</time>').format(instant, shown, shown)


def short_id_markup(identifier: str | None) -> Markup:
    """An identifier by its last eight characters; whole as its title, and what is copied."""
    if not identifier:
        return Markup('<span class="dim">none</span>')
    return Markup('<code class="id" title="{}" data-copy="{}">…{}</code>').format(
        identifier, identifier, identifier[-8:]
    )


def words_of(name: str) -> str:
    """A name of the API in words: `small_basket_fee` is "Small basket fee"."""
    words = str(name).removeprefix("is_").replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def code_markup(value: Any) -> Markup:
    """A value as code."""
    return Markup("<code>{}</code>").format(escape(value))


def marked_text(text: str) -> Markup:
    """A sentence of the API's description: names as code, and what the API calls null is an empty field here."""
    spans = text.replace("; null for ", "; empty for ").replace(". Null for ", ". Empty for ").split("`")
    return Markup("").join(code_markup(span) if index % 2 else escape(span) for index, span in enumerate(spans))


def in_address(values: Mapping[str, Any]) -> str:
    """Values as the query of an address: texts as they are, documents as JSON; what is empty is left out."""
    return urlencode(
        {
            name: value if isinstance(value, str) else write_document(value).decode()
            for name, value in values.items()
            if value
        }
    )


def _grouped(text: str) -> str:
    sign = _MINUS if text.startswith("-") else ""
    whole, point, digits = text.lstrip("-").partition(".")
    if not whole.isdigit():
        return text
    return f"{sign}{int(whole):,}{point}{digits}"
