"""A test that fails is tried once more, and what failed is told although it passes then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.inner_run import InnerRun

PLUGINS = ("-p", "pytest_rerunfailures", "-p", "tests.session.second_tries", "--reruns", "1")


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "in two"])
def test_a_second_try_that_passes_is_told_with_the_first(tmp_path: Path, more: tuple[str, ...]) -> None:
    inner = InnerRun(tmp_path)
    inner.write(
        test_it="""
        from pathlib import Path

        def test_that_passes_the_second_time():
            seen = Path(__file__).with_name("seen")
            if not seen.exists():
                seen.touch()
                raise OSError("a server was not there yet")

        def test_that_fails_twice():
            raise ValueError("this is wrong")
        """
    )
    assert inner.run(*PLUGINS, *more) == 1
    assert inner.counts() == {"passed": 1, "failed": 1}
    told = inner.output.split("FAILED AT FIRST, TRIED ONCE MORE")[1]
    assert "test_that_passes_the_second_time (call)" in told
    assert "OSError: a server was not there yet" in told
    assert "2 rerun" in inner.summary()
