"""A marked test that fails is tried once more, what failed is shown although it passes then, and runs remember it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.inner_run import InnerRun
from tests.session.second_tries import FILE

PLUGINS = ("-p", "pytest_rerunfailures", "-p", "tests.session.runs", "-p", "tests.session.second_tries")
FAILS_AT_FIRST = """
        from pathlib import Path
        import pytest

        {mark}
        def test_that_passes_the_second_time():
            seen = Path(__file__).with_name("seen")
            if not seen.exists():
                seen.touch()
                raise OSError("a server was not there yet")
"""
MARK = '@pytest.mark.second_try("starts a server")'


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "in two"])
def test_a_second_try_that_passes_is_shown_with_the_first(tmp_path: Path, more: tuple[str, ...]) -> None:
    inner = InnerRun(tmp_path)
    inner.write(
        test_it=FAILS_AT_FIRST.format(mark=MARK),
        test_other=f"""
        import pytest

        {MARK}
        def test_that_fails_twice():
            raise ValueError("this is wrong")
        """,
    )
    assert inner.run(*PLUGINS, *more, "--run", str(tmp_path / "runs" / "test")) == 1
    assert inner.counts() == {"passed": 1, "failed": 1}
    shown = inner.output.split("FAILED AT FIRST, TRIED ONCE MORE")[1]
    assert "test_that_passes_the_second_time (call)" in shown
    assert "OSError: a server was not there yet" in shown
    assert "2 rerun" in inner.summary()
    flaky = shown.split("flaky in the last 1 runs")[1]
    assert "test_that_passes_the_second_time: OSError: a server was not there yet" in flaky
    assert "test_that_fails_twice: " not in flaky.split("short test summary info")[0]


def test_later_runs_show_what_was_flaky(inner: InnerRun, tmp_path: Path) -> None:
    inner.write(test_it=FAILS_AT_FIRST.format(mark=MARK))
    for _ in range(2):
        (tmp_path / "seen").unlink(missing_ok=True)
        assert inner.run(*PLUGINS, "--run", str(tmp_path / "runs" / "test")) == 0
    assert inner.run(*PLUGINS, "--run", str(tmp_path / "runs" / "test")) == 0
    assert "flaky in the last 3 runs" in inner.output
    assert "\n2 x, last " in inner.output
    assert "rerun" not in inner.summary()


@pytest.mark.parametrize(
    ("mark", "options"),
    [("", ("--run", "test")), (MARK, ())],
    ids=["without a mark", "where no target is run"],
)
def test_no_second_try(inner: InnerRun, tmp_path: Path, mark: str, options: tuple[str, ...]) -> None:
    inner.write(test_it=FAILS_AT_FIRST.format(mark=mark))
    assert inner.run(*PLUGINS, *(str(tmp_path / each) if each == "test" else each for each in options)) == 1
    assert inner.counts() == {"failed": 1}


def test_a_mark_without_a_reason_is_refused(inner: InnerRun) -> None:
    inner.write(test_it=FAILS_AT_FIRST.format(mark="@pytest.mark.second_try"))
    assert inner.run(*PLUGINS) != 0
    assert "second_try wants its reason" in inner.output


def test_a_file_that_was_half_written_is_begun_again(inner: InnerRun, tmp_path: Path) -> None:
    flaky = tmp_path / "runs" / FILE
    flaky.parent.mkdir()
    flaky.write_bytes(b'{"at":"2026-')
    inner.write(test_it=FAILS_AT_FIRST.format(mark=MARK))
    assert inner.run(*PLUGINS, "--run", str(flaky.with_name("test"))) == 0
    assert len(flaky.read_bytes().splitlines()) == 1
