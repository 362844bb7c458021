"""Settings are read alike under the system's own Python, which distributions patch by themselves.

Debian's 3.11.2 refuses lists of hosts with IPv6 addresses in urlsplit (CVE-2025-0938), as the same release elsewhere does
not.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEM_PYTHON = Path("/usr/bin/python3")
HERE = Path(__file__).parent
NEEDS_SETTINGS_ALONE = [HERE / "test_settings.py", HERE / "test_setting_forms.py"]
# So that the packages of this environment can be imported there: nothing is installed for it.
ABI = "import sys; print(sys.implementation.cache_tag, sys.abiflags)"
DEADLINE_SECONDS = 300.0


def test_settings_under_the_python_of_the_system() -> None:
    if not SYSTEM_PYTHON.exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON}")
    if SYSTEM_PYTHON.resolve() == Path(sys.executable).resolve():
        pytest.skip(f"{SYSTEM_PYTHON} runs these tests already")
    theirs, ours = (
        subprocess.run([python, "-c", ABI], capture_output=True, text=True, check=True).stdout
        for python in (SYSTEM_PYTHON, sys.executable)
    )
    if theirs != ours:
        pytest.skip(f"{SYSTEM_PYTHON} is {theirs.strip()}, and the packages here are for {ours.strip()}")
    run = subprocess.run(
        # Neither the fixtures of the servers nor the plugins are wanted, which need more packages under some releases.
        [str(SYSTEM_PYTHON), "-m", "pytest", "-c", os.devnull, "--noconftest", "-q", "-p", "no:cacheprovider"]
        + [str(file) for file in NEEDS_SETTINGS_ALONE],
        cwd=HERE.parents[1],
        env={
            "PATH": os.defpath,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *filter(None, sys.path)]),
        },
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
