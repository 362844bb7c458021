"""Pages that ask for proof of a human instead of answering: we stop there, and solve nothing.

Source: docs/spec/competitors.md#politeness.
"""

import re
from collections.abc import Mapping
from typing import Literal

_BEGINNING = 64 * 1024
#: A page that is called so is nothing else.
_CALLED_SO = re.compile(
    rb"<title>\s*(?:Just a moment\.\.\.|Attention Required! \| Cloudflare|Robot Check|Access Denied|Human Verification|"
    rb"Pardon Our Interruption[.\s]*)\s*</title>",
    re.IGNORECASE,
)
#: Nor is one that has this and no product; a shop may name it among the hosts that its pages talk to.
_SURE = re.compile(
    rb"cf-chl-|_cf_chl_opt|captcha-delivery\.com|id=[\"\']?px-captcha|/errors/validateCaptcha|"
    rb"To discuss automated access to Amazon data",
    re.IGNORECASE,
)
#: Such a page may be, and so may one whose forms are kept from robots, or whose visitors are watched.
_PERHAPS = re.compile(
    rb"challenge-platform/|cf-turnstile|_Incapsula_Resource|px-captcha|perimeterx|g-recaptcha|recaptcha/(?:api|enterprise)\.js|"
    rb"hcaptcha\.com/1/api\.js|awswaf\.com|<title>\s*(?:Just a moment|Attention Required|Access Denied)|Pardon Our Interruption",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    rb"schema\.org(?:/|\\/)Product|[\"\']@type[\"\']\s*:\s*\[?[^\]{}]{0,200}[\"\'/](?:Product|Offer|AggregateOffer)|"
    rb"(?:product|og):price:amount|itemprop=[\"\']?price|og:type[\"\'][^>]{0,50}product",
    re.IGNORECASE,
)


def challenge_mark(headers: Mapping[str, str], body: bytes) -> Literal["sure", "perhaps"] | None:
    """Whether an answer is such a page; `perhaps` where it has a captcha, and no data of a product."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "sure"
    beginning = body[:_BEGINNING]
    if _CALLED_SO.search(beginning):
        return "sure"
    if _PRODUCT.search(body):
        return None
    if _SURE.search(beginning):
        return "sure"
    return "perhaps" if _PERHAPS.search(beginning) else None
