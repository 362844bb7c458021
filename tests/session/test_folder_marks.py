"""The marks of a folder are those of all its tests, and of no others."""

from __future__ import annotations

from pathlib import Path

from tests.session.inner_run import InnerRun


def test_a_folder_marks_its_tests_and_those_below(inner: InnerRun, tmp_path: Path) -> None:
    for folder in ("top", "top/marked", "top/marked/below", "top/other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / f"test_in_{Path(folder).name}.py").write_text("def test_it():\n    pass\n")
    (tmp_path / "top" / "marked" / "__init__.py").write_text("import pytest\n\npytestmark = pytest.mark.slow\n")
    with (tmp_path / "pytest.ini").open("a") as settings:
        settings.write("markers =\n    slow\npythonpath = .\n")
    assert inner.run("-p", "tests.session.folder_marks", "-v", "-m", "slow") == 0
    assert inner.counts() == {"passed": 2}
    assert "test_in_marked" in inner.output
    assert "test_in_below" in inner.output
