"""URLs that others tell: only those of pages are kept, for they are shown as links.

Source: docs/spec/competitors.md#observations.
"""

from urllib.parse import urldefrag, urljoin, urlsplit


def web_url(reported: str | None, base: str = "") -> str | None:
    """An http or https URL, of what is told on the page `base`; None for `javascript:`, and for what is no URL.

    Nor is one with a user, such as `https://shop.example@elsewhere.example/`: its link would look as if it led to the shop.
    """
    if not reported:
        return None
    try:
        whole = urldefrag(urljoin(base, reported.strip())).url
        parts = urlsplit(whole)
        is_page = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return whole if is_page else None
