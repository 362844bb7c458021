"""Coupon codes as they are compared."""


def fold_code(code: str) -> str:
    """The form in which coupon codes are compared: trimmed and case-folded."""
    return code.strip().casefold()
