"""Browsers and systems by name, out of what a browser says of itself: enough for people to know a session of theirs again.

Source: docs/spec/access.md#sessions.
"""

import re

DEVICE_LENGTH_MAX = 60

# In this order: most browsers also name those that they are like.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def device_of(user_agent: str) -> str | None:
    """`Firefox on Linux`; the name of a program that is no browser; None for what names nothing."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser is not None:
        return browser if system is None else f"{browser} on {system}"
    product = _PRODUCT.match(user_agent)
    return None if product is None else product[0]
