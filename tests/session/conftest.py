"""Runs of pytest within a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.inner_run import InnerRun


@pytest.fixture
def inner(tmp_path: Path) -> InnerRun:
    return InnerRun(tmp_path)
