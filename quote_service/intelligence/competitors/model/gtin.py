"""Trade item numbers: GTIN-8, UPC, EAN and GTIN-14, all as fourteen digits.

Source: GS1 General Specifications, 7.9 (check digit); docs/spec/competitors.md#matching.
"""

import re

_LENGTHS = (8, 12, 13, 14)
_PUNCTUATION = re.compile(r"[\s-]")


def gtin_14(text: str) -> str | None:
    """The number with zeros in front to fourteen digits; None where it is none, or its check digit is wrong.

    Numbers for use within a company (GTIN-13 from 02, 04 and 20 to 29, GTIN-8 from 0 and 2) name different things in different
    shops, and so name nothing here.
    """
    digits = _PUNCTUATION.sub("", text)
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdecimal()):
        return None
    padded = digits.zfill(14)
    if padded == "0" * 14 or _check_digit(padded[:13]) != int(padded[13]):
        return None
    if padded.startswith("000000"):
        return None if padded[6] in "02" else padded
    if padded[1:3] in ("02", "04") or padded[1] == "2":
        return None
    return padded


def _check_digit(digits: str) -> int:
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits)) % 10
