"""Pages that ask for proof of a human instead of answering: we stop there, and solve nothing.

Source: docs/spec/competitors.md#politeness.
"""

import re
from collections.abc import Mapping

_BEGINNING = 64 * 1024
_MARKS = re.compile(
    rb"cf-chl-|challenge-platform/h/|cf-turnstile|<title>Just a moment|<title>Attention Required|_Incapsula_Resource|"
    rb"captcha-delivery\.com|px-captcha|perimeterx|/errors/validateCaptcha|To discuss automated access to Amazon data|"
    rb"<title>Robot Check|g-recaptcha-response|<title>Access Denied|hcaptcha\.com/1/api\.js|"
    rb"Pardon Our Interruption|awswaf\.com|<title>Human Verification",
    re.IGNORECASE,
)
# Sign-in and comment forms carry captchas too; a page that sells says so.
_SELLS = re.compile(rb"schema\.org/Product|\"@type\"\s*:\s*\"(?:Product|Offer)|product:price:amount", re.IGNORECASE)


def is_challenge(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is such a page."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    beginning = body[:_BEGINNING]
    return _MARKS.search(beginning) is not None and _SELLS.search(body) is None
