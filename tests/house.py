"""How much there is to read: lines of code by room, without docstrings, blank lines, comments and imports.

python -m tests.house                 # the package, by room
python -m tests.house tests loadtests # other folders
"""

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "quote_service"
_LAYOUT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


def code_lines(text: str) -> int:
    """The lines of a module that hold code; a text that stands as a statement of its own is documentation."""
    left_out = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    held = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - left_out)


def lines_by_room(folder: Path) -> Counter[str]:
    """Lines of code of each folder and module directly within a folder."""
    counted: Counter[str] = Counter()
    for path in folder.rglob("*.py"):
        counted[path.relative_to(folder).parts[0]] += code_lines(path.read_text("utf-8"))
    return counted


def main(folders: list[Path]) -> None:
    """Print what the folders hold."""
    for folder in folders:
        counted = lines_by_room(folder)
        for room, lines in counted.most_common():
            print(f"{lines:7} {room}")
        print(f"{counted.total():7} {folder.name}")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]] or [PACKAGE])
