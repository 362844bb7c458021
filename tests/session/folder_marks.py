"""Marks of a whole folder: `pytestmark` in its `__init__.py`, which pytest itself reads in modules alone.

A plugin of pytest.
"""

from __future__ import annotations

from importlib import import_module

import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    if not isinstance(collector, pytest.Package):
        return
    name = ".".join(collector.path.relative_to(collector.config.rootpath).parts)
    marks = getattr(import_module(name), "pytestmark", [])
    for mark in marks if isinstance(marks, list) else [marks]:
        collector.add_marker(mark)
