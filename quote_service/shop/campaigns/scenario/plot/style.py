"""Colours and strokes of the drawing, on light and on dark paper.

Six colours that those who see red and green alike can distinguish, and a dash for each besides. They stand in the rules
themselves: many viewers of SVG know no variables.

Source: docs/spec/campaigns.md#plot.
"""

_LIGHT = ("#0067a5", "#c44a00", "#007a57", "#a03c82", "#7a5c00", "#4a5a66")
_DARK = ("#5ab8ee", "#ff9450", "#3fd0a0", "#f0a0d0", "#e6c74c", "#b4c3cd")
_DASHES = ("none", "8 3", "3 3", "9 3 2 3", "12 4", "2 4")


def _colours(paper: str, ink: str, quiet: str, grid: str, lines: tuple[str, ...]) -> str:
    rules = [
        f".paper{{fill:{paper}}}text{{fill:{ink}}}.quiet{{fill:{quiet}}}",
        f".grid{{stroke:{grid}}}.axis,.reference{{stroke:{quiet}}}",
        *(f".line.s{place}{{stroke:{colour}}}.area.s{place}{{fill:{colour}}}" for place, colour in enumerate(lines)),
    ]
    return "\n".join(rules)


STYLE = "\n".join(
    (
        "",
        "text{font:13px system-ui,sans-serif}",
        ".title{font-size:18px;font-weight:600}.heading{font-weight:600}",
        ".value{text-anchor:end;font-size:12px}.time{text-anchor:middle;font-size:12px}",
        ".grid,.axis,.reference,.line{fill:none}.reference{stroke-dasharray:6 4}",
        ".line{stroke-width:2;stroke-linejoin:round}.area{stroke:none;fill-opacity:.18}",
        *(f".line.s{place}{{stroke-dasharray:{dash}}}" for place, dash in enumerate(_DASHES)),
        _colours("#ffffff", "#1c2329", "#5a6670", "#e3e7ea", _LIGHT),
        "@media (prefers-color-scheme:dark){",
        _colours("#14181c", "#e8ecef", "#a3aeb7", "#2b333a", _DARK),
        "}",
        "",
    )
)
