"""Resolve the dependencies of pyproject.toml into uv.lock again; what is pinned there stays unless `--upgrade` is given.

    .venv/bin/python deploy/lock_packages.py [--upgrade | --upgrade-package NAME]

uv writes where it found each file, which is different for everybody who installs from a mirror. That is taken out again: names,
versions, hashes and markers are left, and whoever installs asks the index of their own. See docs/decisions/lock-file.md.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from install_packages import UV, uv_environment

_ROOT = Path(__file__).parents[1]
#: A form of uv for files that lie in a folder: this one says that the folder is whatever index is asked.
_WITHOUT_PLACE = (
    (re.compile(r'registry = "[^"]*"'), 'registry = "index"'),
    (re.compile(r'url = "[^"]*/([^/"]+)"'), r'path = "\1"'),
    # Not every index says these, and the hash says more.
    (re.compile(r', (?:size = \d+|upload-time = "[^"]*")'), ""),
)


def main() -> int:
    locked = subprocess.run([UV, "lock", *sys.argv[1:]], cwd=_ROOT, env=uv_environment(os.environ), check=False)
    if locked.returncode == 0:
        lock = _ROOT / "uv.lock"
        text = without_places(lock.read_text())
        assert "://" not in text, "uv.lock has an address in a form that is new"
        lock.write_text(text)
    return locked.returncode


def without_places(text: str) -> str:
    """A lock file of uv that names no index and no address of a file."""
    for found, written in _WITHOUT_PLACE:
        text = found.sub(written, text)
    return text


if __name__ == "__main__":
    sys.exit(main())
