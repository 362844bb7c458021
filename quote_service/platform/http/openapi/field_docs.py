'''What each field of a struct means: the text under the field, read from the source of its class.

    class Tier(msgspec.Struct):
        percent: Percent
        """Percentage taken off, from 0 to 100."""

Python itself throws such a text away, so it costs nothing where the struct decodes; it is read once, when the API's
description is made.

Source: docs/spec/operations.md#api-description.
'''

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def field_doc(kind: type, name: str) -> str:
    """The text under a field of a class, or of the nearest class it derives from; empty where there is none."""
    for holder in kind.__mro__:
        text = _docs_of(holder.__module__).get(holder.__qualname__, {}).get(name)
        if text:
            return text
    return ""


@cache
def _docs_of(module: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a module's classes, by class and field."""
    module_file = getattr(sys.modules.get(module), "__file__", None)
    if module_file is None:
        return {}
    # A compiled module stands beside its source.
    source = Path(module_file).with_name(f"{Path(module_file).name.partition('.')[0]}.py")
    if not source.is_file():
        return {}
    tree = ast.parse(source.read_bytes())
    return {entry.name: _docs_in(entry) for entry in tree.body if isinstance(entry, ast.ClassDef)}


def _docs_in(kind: ast.ClassDef) -> dict[str, str]:
    docs = {}
    for field, text in zip(kind.body, kind.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            docs[field.target.id] = " ".join(inspect.cleandoc(text.value.value).split())
    return docs
