"""The outcomes of several runs, summed up in a line as pytest writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.inner_run import InnerRun
from tests.session.runs import sum_up


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "in two"])
def test_the_last_line_is_the_sum_of_all_runs(inner: InnerRun, tmp_path: Path, more: tuple[str, ...]) -> None:
    inner.write(
        test_it="""
        import pytest

        @pytest.fixture
        def broken():
            raise ValueError

        def test_a():
            pass

        def test_b():
            assert False

        def test_c():
            pytest.skip("no")

        def test_d(broken):
            pass
        """
    )
    options = ("-p", "tests.session.runs", *more)
    assert inner.run(*options, "--run", str(tmp_path / "runs" / "first")) == 1
    assert inner.run(*options, "-k", "test_a", "--run", str(tmp_path / "runs" / "second")) == 0
    first, second, total = sum_up(tmp_path / "runs").splitlines()
    assert first.startswith("first: 1 failed, 1 passed, 1 skipped, 1 errors in ")
    assert second.startswith("second: 1 passed in ")
    assert "= 1 failed, 2 passed, 1 skipped, 1 errors in " in total
    inner.output = total
    assert inner.counts() == {"failed": 1, "passed": 2, "errors": 1}


def test_where_nothing_ran_the_sum_says_so(tmp_path: Path) -> None:
    assert "no tests ran" in sum_up(tmp_path)
