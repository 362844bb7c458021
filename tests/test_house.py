"""The page about the house draws the wings as they are."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "house.md").read_text("utf-8")
TOP_FILES = {"__main__", "app", "first_use", "routes", "admission", "positions"}


def drawn_arrows() -> Iterator[tuple[str, str]]:
    drawing = re.search(r"```mermaid\nflowchart TD\n(.*?)```", PAGE, re.DOTALL)
    assert drawing is not None
    for line in drawing[1].splitlines():
        stages = [stage.split("&") for stage in line.split("-->")]
        for above, below in pairwise(stages):
            yield from ((one.strip(), other.strip()) for one in above for other in below)


def imported_wings() -> set[tuple[str, str]]:
    graph = grimp.build_graph("quote_service")
    arrows = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            above, below = (_wing(each) for each in (module, imported))
            if above and below and above != below:
                arrows.add((above, below))
    return arrows


def _wing(module: str) -> str:
    name = module.partition("quote_service.")[2].partition(".")[0]
    return "composition" if name in TOP_FILES else name


def reaches(arrows: set[tuple[str, str]], above: str) -> set[str]:
    found: set[str] = set()
    open_ends = [above]
    while open_ends:
        each = open_ends.pop()
        for one, other in arrows:
            if one == each and other not in found:
                found.add(other)
                open_ends.append(other)
    return found


def test_the_drawing_has_each_import_between_wings_and_no_more() -> None:
    drawn, imported = set(drawn_arrows()), {arrow for arrow in imported_wings() if arrow != ("composition", "serving")}
    wings = {wing for arrow in imported for wing in arrow}
    assert {wing for arrow in drawn for wing in arrow} == wings
    for wing in wings:
        assert wing not in reaches(imported, wing), f"{wing} is in a circle"
        assert reaches(drawn, wing) == reaches(imported, wing), wing


def test_the_table_names_each_wing_and_each_room() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|$", PAGE, re.MULTILINE))
    package = ROOT / "quote_service"
    folders = {each.name: each for each in package.iterdir() if (each / "__init__.py").is_file()}
    assert rows.keys() == folders.keys()
    assert len(rows) <= 12
    for wing, rooms in rows.items():
        inside = {each.name for each in folders[wing].iterdir() if (each / "__init__.py").is_file()}
        named = set(re.findall(r"`(\w+)`", rooms))
        assert named <= inside, wing
        if wing not in {"web", "quotes", "pricing", "identity"}:
            assert named == inside, wing
