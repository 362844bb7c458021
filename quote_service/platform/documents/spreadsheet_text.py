"""Texts in CSV that people open with a spreadsheet."""

_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠'")


def spreadsheet_text(text: str | None) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula; nothing for None."""
    return "" if text is None else f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
