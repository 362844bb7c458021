"""Figures and instants as people read them.

Source: docs/spec/web.md#figures.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from quote_service.platform.documents.documents import write_document

_ID_LENGTH = 36
_MINUS = "\N{MINUS SIGN}"
# Of a metric that is told by currency: `revenue.TRY`.
_CURRENCY = re.compile(r"\.([A-Z]{3})$")
_WRITTEN = {
    "id": "ID",
    "product id": "Product",
    "competitor id": "Competitor",
    "category id": "Category",
    "seller id": "Seller",
    "sku": "SKU",
    "url": "URL",
    "json": "JSON",
    "gtin": "GTIN",
    "email": "E-mail address",
    "ab test group": "A/B test group",
    "ab test groups": "A/B test groups",
    "external ref": "External reference",
}


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
    """An identifier by its last eight characters; whole as its title, and what is copied. What is none stays as it is."""
    if not identifier:
        return Markup('<span class="dim">none</span>')
    if len(identifier) != _ID_LENGTH:
        return Markup("{}").format(identifier)
    return Markup('<code class="id" title="{}" data-copy="{}">…{}</code>').format(
        identifier, identifier, identifier[-8:]
    )


def words_of(name: str) -> str:
    """A name of the API in words: `small_basket_fee` is "Small basket fee"."""
    words = str(name).removeprefix("is_").replace("_", " ").replace("-", " ").strip()
    words = _CURRENCY.sub(r", \1", words)
    return _WRITTEN.get(words, words[:1].upper() + words[1:])


def code_markup(value: Any) -> Markup:
    """A value as code."""
    return Markup("<code>{}</code>").format(escape(value))


def marked_text(text: str) -> Markup:
    """A sentence with code between backticks."""
    spans = text.split("`")
    return Markup("").join(code_markup(span) if index % 2 else escape(span) for index, span in enumerate(spans))


def place_of(pointer: str) -> str:
    """A place of a document in words: `/items/0/sale_price` is "Items › 1 › Sale price"."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    names = names[1:] if names[:1] == ["configuration"] and len(names) > 1 else names
    return " › ".join(str(int(name) + 1) if name.isdecimal() else words_of(name) for name in names)


def shown_title(one: str, title: Any, object_id: str) -> str:
    """What an object is called: by its title, and where that is only an id by what it is and the end of that."""
    shown = str(title or object_id)
    return f"{one[:1].upper()}{one[1:]} …{shown[-8:]}" if len(shown) == _ID_LENGTH and shown == object_id else shown


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
