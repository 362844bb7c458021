"""`docs/adding.md` counts what it lists, and lists what is there.

Source: docs/adding.md.
"""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "adding.md"


def listed() -> dict[str, list[str]]:
    """The files of each section that have to be touched, by its heading."""
    sections = re.split(r"^## (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"^\d+\. `([^`]+)`: ", text, re.MULTILINE)
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


def counted() -> dict[str, int]:
    """How many files the table at the top gives for each heading."""
    rows = re.findall(r"^\| \[([^\]]+)\]\([^)]+\) \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name[0].upper() + name[1:]: int(count) for name, count in rows}


def test_the_table_counts_what_the_sections_list() -> None:
    assert counted() == {heading: len(files) for heading, files in listed().items()}
    assert all(counted().values())


def test_every_file_that_is_to_be_touched_is_there() -> None:
    gone = [file for files in listed().values() for file in files if not (PROJECT / file).exists()]
    assert not gone
