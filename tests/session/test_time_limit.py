"""A test that hangs fails alone, in its body, in its fixtures, after a failure and whatever swallows its cancellation."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from tests.session.inner_run import InnerRun

SHORT = ("-o", "time_limit=1", "-o", "time_limit_again=1", "-o", "time_limit_grace=120")
# After the one that hangs.
FINE = """
def test_that_is_fine():
    pass
"""
HANGS = {
    "in its body": """
        import threading

        def test_hangs():
            threading.Event().wait()
    """,
    "before its body": """
        import pytest, threading

        @pytest.fixture
        def slow():
            threading.Event().wait()

        def test_hangs(slow):
            pass
    """,
    "after its failure": """
        import pytest, threading

        @pytest.fixture
        def slow():
            yield
            threading.Event().wait()

        def test_hangs(slow):
            assert False
    """,
    "in a task that goes on when it is cancelled": """
        import asyncio

        async def record_lane():
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    pass

        async def test_hangs():
            task = asyncio.create_task(record_lane(), name="recorder")
            await asyncio.sleep(0)
            task.cancel()
            await task
    """,
    "in what swallows every exception": """
        import threading

        def test_hangs():
            try:
                threading.Event().wait()
            except BaseException:
                pass
    """,
    "in an example of Hypothesis": """
        import threading
        from hypothesis import given, settings, strategies

        @settings(deadline=None, database=None)
        @given(strategies.integers())
        def test_hangs(number):
            threading.Event().wait()
    """,
}


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> InnerRun:
    """A run of all that hang, each with a test after it."""
    inner = InnerRun(tmp_path_factory.mktemp("hangs"))
    files = {f"test_{name.replace(' ', '_')}": text for name, text in HANGS.items()}
    inner.write(**{name: dedent(text) + FINE for name, text in files.items()})
    assert inner.run(*SHORT, "-rA") == 1, inner.output
    return inner


@pytest.mark.parametrize("hang", HANGS)
def test_a_test_that_hangs_fails_alone(hung: InnerRun, hang: str) -> None:
    file = f"test_{hang.replace(' ', '_')}.py"
    assert f"{file}::test_hangs took more than its 1 s" in hung.output
    printed = [line for line in hung.output.splitlines() if file in line]
    assert [line for line in printed if line.startswith(("FAILED", "ERROR")) and "::test_hangs" in line], hung.output
    assert [line for line in printed if line.startswith("PASSED") and line.endswith("::test_that_is_fine")], hung.output


def test_nothing_else_fails(hung: InnerRun) -> None:
    assert not re.findall(r"^(?:FAILED|ERROR) .*::test_that_is_fine", hung.output, re.MULTILINE)
    assert hung.counts()["passed"] >= len(HANGS)


def test_the_stacks_of_threads_and_tasks_are_reported(inner: InnerRun) -> None:
    inner.write(
        test_first="""
        import asyncio, threading

        class Server:
            async def reads(self):
                await asyncio.Event().wait()

            async def serves(self):
                await self.reads()

        def works():
            threading.Event().wait()

        async def test_hangs():
            threading.Thread(target=works, name="pump", daemon=True).start()
            task = asyncio.create_task(Server().serves(), name="server")
            await asyncio.sleep(0)
            task.cancelling()
            await asyncio.Event().wait()
        """
    )
    inner.run(*SHORT)
    printed = inner.output
    assert "--- thread MainThread" in printed
    assert "in works" in printed.partition("--- thread pump")[2]
    server = printed.partition("--- task server, asked 0 times to end")[2].partition("---")[0]
    assert server.index("in serves") < server.index("in reads") < server.index("in wait")


def test_a_call_in_c_that_never_returns_costs_one_process_and_not_the_run(inner: InnerRun) -> None:
    # With the signal blocked nothing can interrupt it, as in a library that never comes back to Python.
    inner.write(
        test_first="""
        import signal, threading

        def test_hangs():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            threading.Event().wait()
        """,
        test_second=FINE,
    )
    short = ("-o", "time_limit=2", "-o", "time_limit_again=1", "-o", "time_limit_grace=2")
    assert inner.run(*short, "-n", "1") == 1
    assert inner.counts() == {"failed": 1, "passed": 1}, inner.output
    assert "in test_hangs" in inner.output


def test_a_test_may_have_a_limit_of_its_own(inner: InnerRun) -> None:
    inner.write(
        test_first="""
        import pytest, threading

        @pytest.mark.time_limit(1)
        def test_hangs():
            threading.Event().wait()
        """
    )
    assert inner.run() == 1
    assert "took more than its 1 s" in inner.output
