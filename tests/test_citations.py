"""What code, tests and documents cite is there: pages of `docs/`, their headings, and files of Python.

Source: docs/spec/README.md.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("quote_service", "tests", "loadtests", "deploy", "migrations", "docs")
SUFFIXES = (".py", ".sql", ".lua", ".md", ".yml", ".yaml", ".toml", ".tpl", ".json")
_SKIPPED = {"node_modules", "__pycache__"}
_PAGE = re.compile(r"\bdocs/[\w/-]+(?:\.[\w-]+)*\.md(?:#[\w-]+)?")
_LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(#[^)\s]*)?\)")
_MODULE = re.compile(r"(?<![\w/.-])((?:[\w-]+/)*\w+\.py)\b")
_HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# Of other projects, or made and thrown away within a test.
_FOREIGN = {"asyncio/cluster.py", "asyncio/connection.py", "setup.py", "sitecustomize.py"}


@cache
def sources() -> tuple[Path, ...]:
    """Every text of the project that people write."""
    found = [file for room in ROOMS for file in (PROJECT / room).rglob("*") if file.suffix in SUFFIXES]
    found += [file for file in PROJECT.iterdir() if file.suffix in SUFFIXES or file.name in ("Makefile", "Dockerfile")]
    return tuple(sorted(file for file in found if _SKIPPED.isdisjoint(file.parts)))


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page, as GitHub makes them of its headings."""
    seen: dict[str, int] = {}
    anchors = set()
    for heading in _HEADING.findall(_FENCED.sub("", page.read_text("utf-8"))):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        times = seen[anchor] = seen.get(anchor, -1) + 1
        anchors.add(f"{anchor}-{times}" if times else anchor)
    return frozenset(anchors)


def missing(page: Path, anchor: str) -> bool:
    return not page.exists() or (bool(anchor) and page.suffix == ".md" and anchor not in headings(page))


def cited_pages(file: Path) -> Iterator[str]:
    """Each page that a text names from the root of the project, with its anchor."""
    yield from _PAGE.findall(file.read_text("utf-8"))


def test_every_cited_page_and_heading_is_there() -> None:
    found = [(file, cited) for file in sources() for cited in cited_pages(file)]
    assert len(found) > 300, "nothing was looked at"
    gone = [
        f"{file.relative_to(PROJECT)}: {cited}"
        for file, cited in found
        if missing(PROJECT / cited.partition("#")[0], cited.partition("#")[2])
    ]
    assert not gone, "\n".join(gone)


def test_every_link_of_a_document_leads_somewhere() -> None:
    gone = []
    for file in sources():
        if file.suffix == ".md":
            for target, anchor in _LINK.findall(_FENCED.sub("", file.read_text("utf-8"))):
                page = file if not target else (file.parent / target).resolve()
                if missing(page, anchor.removeprefix("#")):
                    gone.append(f"{file.relative_to(PROJECT)}: {target}{anchor}")
    assert not gone, "\n".join(gone)


def test_every_page_of_the_specification_is_in_its_index() -> None:
    index = (PROJECT / "docs/spec/README.md").read_text("utf-8")
    pages = {page.name for page in (PROJECT / "docs/spec").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == pages


@pytest.mark.parametrize("pattern", [r"\b[Ss]pecs? [0-9]", r"Source: [^\n]*\bresearch\b", r"Source: [^\n]*\bissue\b"])
def test_nothing_is_cited_that_only_its_author_can_read(pattern: str) -> None:
    looked_for = re.compile(pattern)
    found = [
        f"{file.relative_to(PROJECT)}: {line.strip()}"
        for file in sources()
        if file != Path(__file__)
        for line in file.read_text("utf-8").splitlines()
        if looked_for.search(line)
    ]
    assert not found, "\n".join(found)


def test_every_python_file_that_is_named_is_there() -> None:
    gone = [
        f"{file.relative_to(PROJECT)}: {named}"
        for file in sources()
        for named in _MODULE.findall(_prose(file))
        if named not in _FOREIGN and not _is_there(named, file)
    ]
    assert not gone, "\n".join(gone)


def _prose(file: Path) -> str:
    """A document, or what a Python file says in its docstrings and comments."""
    text = file.read_text("utf-8")
    if file.suffix == ".py":
        return "\n".join(re.findall(r'""".*?"""|#[^\n"]*$', text, re.MULTILINE | re.DOTALL))
    return text if file.suffix in (".md", ".sql", ".lua") else ""


def _is_there(named: str, file: Path) -> bool:
    """Whether a file has this path from a folder around who names it, or from a room's top; a bare name, anywhere."""
    around = [folder for folder in file.parents if folder.is_relative_to(PROJECT)]
    roots = (*around, PROJECT / "quote_service", PROJECT / "tests")
    if any((root / named).is_file() for root in roots):
        return True
    return "/" not in named and named in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in sources())
