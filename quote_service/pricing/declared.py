"""Finds what the modules of a folder declare, so that adding a module is all that adding a rule type, condition or kind takes."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

Declared = TypeVar("Declared")


def declared_in(folder: ModuleType, name: str, kind: type[Declared]) -> Iterator[Declared]:
    """What the modules of a folder declare under a name, in the order of the modules' names.

    Compiled modules are found as well. Modules without that name, and folders within, are passed over.

    Raises:
        TypeError: A module declares something else under the name.
    """
    for module in sorted(iter_modules(folder.__path__), key=lambda module: module.name):
        if module.ispkg:
            continue
        found = getattr(import_module(f"{folder.__name__}.{module.name}"), name, None)
        if found is not None:
            if not isinstance(found, kind):
                raise TypeError(f"{folder.__name__}.{module.name}.{name} is no {kind.__name__}")
            yield found
