"""Where servers of tests keep their data, and that nothing stays of a session that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.server_folders import remove_left_over, server_folder_of_session


def test_what_a_killed_session_left_is_removed_and_what_another_uses_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, used, foreign = (
        tmp_path / name
        for name in (f"quote-service-tests-{ended.pid}-a", f"quote-service-tests-{os.getpid()}-b", "another")
    )
    for folder in (left, used, foreign):
        folder.mkdir()
        (folder / "data").touch()
    remove_left_over(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([used, foreign])


def test_the_folder_is_open_to_other_accounts_and_goes_with_its_session() -> None:
    with server_folder_of_session() as folder:
        assert folder.stat().st_mode & 0o777 == 0o755
    assert not folder.exists()
