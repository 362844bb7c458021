"""No search for garbage among the tests themselves.

What ten thousand tests are collected into stays until the end. Each process would walk through all of it again and again, a
fifth of what the collection takes, and afterwards whenever a test leaves much behind or asks for a collection itself.

A plugin of pytest.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
