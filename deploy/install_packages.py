"""Install packages of uv.lock into the Python that runs this, each checked by its hash, and say how far it is.

Which ones is said as to `uv export`: what the service needs, with extras and groups of pyproject.toml, or a group alone.

    .venv/bin/python deploy/install_packages.py --extra embedded --extra seed
    .venv/bin/python deploy/install_packages.py --only-group spark --target build/spark
    .venv/bin/python deploy/install_packages.py --extra kafka --into /opt/quote-service/bin/python

uv does it, in a twentieth of the CPU time that pip takes. It is told of the package index that pip is set up with, which
it does not look for by itself. `deploy/make-venv` has installed it.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

# What of pip's settings decides where packages come from, and what uv calls it. Lists are split by spaces in both.
_SAME_AS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
_BY_COMMAS = ("UV_FIND_LINKS",)
_PROGRESS = re.compile(r"(Resolved|Downloading|Prepared|Installed|Checked|Audited) ")


UV = str(Path(sys.executable).with_name("uv"))
_ROOT = Path(__file__).parents[1]


def main() -> int:
    arguments = argparse.ArgumentParser(allow_abbrev=False)
    arguments.add_argument("--into", default=sys.executable, help="The Python to install into.")
    arguments.add_argument("--target", help="A folder that the packages go to instead.")
    places, wanted = arguments.parse_known_args()
    pins = pinned(wanted)
    found = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==", pins, re.MULTILINE)
    print(
        f"Installing the {len(found)} packages of uv.lock for {' '.join(wanted)}, checked by their hashes", flush=True
    )
    return install(pins, "--python", places.into, *([f"--target={places.target}"] if places.target else []))


def pinned(wanted: list[str]) -> str:
    """The packages of uv.lock that are wanted, as a requirements file with their hashes.

    Raises:
        SystemExit: There is no such extra or group; uv has said so.
    """
    command = [UV, "export", "--project", str(_ROOT), "--frozen", "--no-emit-project", "--no-default-groups"]
    command += ["--no-header", "--no-annotate", "--quiet", "--python", sys.executable]
    exported = subprocess.run([*command, *wanted], stdout=subprocess.PIPE, text=True, check=False)
    if exported.returncode:
        raise SystemExit(exported.returncode)
    return exported.stdout


def install(pins: str, *places: str) -> int:
    """Install the packages of a requirements file, say how far it is, and why it fails where it does."""
    started, said = time.monotonic(), []
    with subprocess.Popen(
        [UV, "pip", "install", *places, "--require-hashes", "-r", "-"],
        env=uv_environment(os.environ),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as installer:
        assert installer.stdin is not None
        assert installer.stderr is not None
        installer.stdin.write(pins)
        installer.stdin.close()
        for line in installer.stderr:
            said.append(line)
            if _PROGRESS.match(line):
                print(f"  {line.rstrip()}", flush=True)
    if installer.returncode:
        print("".join(said[-30:]), end="", file=sys.stderr)
    else:
        print(f"  done after {time.monotonic() - started:.0f} s")
    return installer.returncode


def uv_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for uv: what pip has been told of indexes holds, unless uv has been told itself."""
    reported = {**pip_settings(environment)}
    reported |= {name: environment[variable] for name in _SAME_AS if (variable := _pip_variable(name)) in environment}
    made = {"UV_SYSTEM_CERTS": "1", "UV_NO_PROGRESS": "1"}
    for name, text in reported.items():
        variable, words = _SAME_AS[name], text.split()
        if name == "find-links":  # pip goes on without a folder that is not there
            words = [word for word in words if "://" in word or Path(word).exists()]
        if words:
            made[variable] = ("," if variable in _BY_COMMAS else " ").join(words)
    return {**made, **environment}


def pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What pip's files say, the nearest last: https://pip.pypa.io/en/stable/topics/configuration/."""
    home = Path(environment.get("HOME", "/nonexistent"))
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    own = Path(sys.prefix) / "pip.conf"
    files = [Path("/etc/pip.conf"), home / ".pip/pip.conf", home / "Library/Application Support/pip/pip.conf"]
    files += [user / "pip/pip.conf", own]
    if named := environment.get("PIP_CONFIG_FILE"):
        files = [] if named == os.devnull else [*files, Path(named)]
    found = ConfigParser(interpolation=None)
    try:
        found.read(files)
    except Error as fault:
        print(f"pip's settings cannot be read and are left out: {fault}", file=sys.stderr)
    sections = [found[name] for name in ("global", "install") if found.has_section(name)]
    return {name: section[name] for section in sections for name in _SAME_AS if name in section}


def _pip_variable(name: str) -> str:
    return f"PIP_{name.upper().replace('-', '_')}"


if __name__ == "__main__":
    sys.exit(main())
