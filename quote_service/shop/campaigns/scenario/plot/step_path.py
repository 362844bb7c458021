"""Steps as the outline of an SVG path, no finer than can be seen.

Source: docs/spec/campaigns.md#plot.
"""

from collections.abc import Iterable


def step_path(points: Iterable[tuple[int, int]], end: int) -> str:
    """Draw each value from its place to the next, the last one to the end.

    Steps that share a pixel are drawn as one upright line from the lowest to the highest of them and go on from the
    last: however many hours there are, a path has at most a few figures for each pixel of its width.

    Args:
        points: Place along the axis, ascending, and height, both in tenths of a pixel.
        end: Where the last step ends, in the same unit.
    """
    parts: list[str] = []
    height = 0
    for place, heights in _by_pixel(points):
        if not parts:
            parts.append(f"M{_pixels(place)} {_pixels(heights[0])}")
        else:
            parts.append(f"H{_pixels(place)}")
        turns = [heights[0], min(heights), max(heights), heights[-1]]
        for turn, before in zip(turns, [height, *turns], strict=False):
            if turn != before or len(parts) == 1:
                parts.append(f"V{_pixels(turn)}")
        height = turns[-1]
    return "".join([*parts, f"H{_pixels(end)}"]) if parts else ""


def _by_pixel(points: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """The heights that each pixel has to show, in order, at the place of its first."""
    found: list[tuple[int, list[int]]] = []
    for place, height in points:
        if found and (found[-1][0] == place or found[-1][0] // 10 == place // 10):
            found[-1][1].append(height)
        else:
            found.append((place, [height]))
    return found


def _pixels(tenths: int) -> str:
    whole, part = divmod(tenths, 10)
    return f"{whole}.{part}" if part else str(whole)
