"""The published data and tools, fetched by the name of their package when they are wanted. None of them is ours to hand on.

Source: docs/spec/demand.md#evaluate.
"""

import shutil
import subprocess
import sys
from pathlib import Path

R_PACKAGE = "r-cran-bayesm"
# Without what they share with this service (numpy, scipy).
PYBLP = ("pyblp==1.3.0", "pyhdfe", "patsy", "sympy", "mpmath")
RIVER = ("river", "pandas", "python-dateutil", "pytz", "six", "tzdata")
_SECONDS = 300
_R_FOLDER = "usr/lib/R/site-library/bayesm/data"


class CannotFetch(Exception):
    """A package cannot be had here, and why."""


def fetch_r_data(name: str, folder: Path) -> bytes:
    """A data file of Debian's bayesm package, by the package manager's ordinary client."""
    file = folder / _R_FOLDER / f"{name}.rda"
    if not file.exists():
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise CannotFetch(f"{R_PACKAGE} of Debian is needed, and there is no {tool} here")
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", R_PACKAGE], folder)
        package = next(folder.glob(f"{R_PACKAGE}_*.deb"), None)
        if package is None:
            raise CannotFetch(f"apt-get knows no {R_PACKAGE}")
        _run(["dpkg-deb", "-x", package.name, "."], folder)
    if not file.exists():
        raise CannotFetch(f"{R_PACKAGE} holds no {name}")
    return file.read_bytes()


def fetch_python(packages: tuple[str, ...], folder: Path) -> Path:
    """Packages of the Python index, into a folder of their own, which is put at the end of the path."""
    target = folder / packages[0].partition("=")[0]
    if not (target / ".complete").exists():
        target.mkdir(parents=True, exist_ok=True)
        _run([*_installer(), "install", "-q", "--no-deps", "--target", str(target), *packages], folder)
        (target / ".complete").touch()
    if str(target) not in sys.path:
        sys.path.append(str(target))
    return target


def _installer() -> list[str]:
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return [str(uv), "pip"]
    pip = Path(sys.executable).with_name("pip")
    if pip.exists():
        return [str(pip)]
    raise CannotFetch("neither pip nor uv is installed beside this Python")


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise CannotFetch(f"{command[0]}: {said[-1] if said else error.returncode}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotFetch(f"{command[0]}: {error}") from error
