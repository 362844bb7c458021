"""Part of building a wheel: with QUOTE_COMPILE=1 it holds the quote path as machine code too, for this platform and Python.

    QUOTE_COMPILE=1 python -m hatchling build -t wheel -d build/wheel

The image, `make run`, `make bench` and the tests all use the wheel that this makes. Without the variable, and when the
project is installed to be edited, the wheel is plain Python and runs anywhere. Where compiling fails there is no wheel.
"""

import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
from compile_package import compile_modules


class CompiledQuotePath(BuildHookInterface[Any]):
    """Compiles in a folder of its own and adds what came out of it to the wheel."""

    _folder: str | None = None

    def dependencies(self) -> list[str]:
        """What compiling needs, for those who build with build isolation: the compiler, and the packages whose types it reads."""
        project = tomllib.loads((Path(self.root) / "pyproject.toml").read_text())
        return [*project["dependency-groups"]["build"], *project["project"]["dependencies"]] if _is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is put together; `version` is "standard" or "editable"."""
        if version == "editable" or not _is_wanted():
            return
        self._folder = tempfile.mkdtemp(prefix="quote-service-wheel-")
        try:
            built = compile_modules(Path(self.root), Path(self._folder))
        except CalledProcessError:
            self.finalize(version, build_data, "")
            self.app.abort("The quote path cannot be compiled. Without QUOTE_COMPILE=1 the wheel is plain Python.")
        build_data["force_include"].update({str(each): str(each.relative_to(self._folder)) for each in built})
        build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called when the wheel is there."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _is_wanted() -> bool:
    return os.environ.get("QUOTE_COMPILE") == "1"
