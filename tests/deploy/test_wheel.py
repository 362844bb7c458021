"""Wheels as image and `make` build them, of a copy of the project that compiles a single module, since all of them take minutes."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.deploy.deployment_tools import ROOT, script

CONTEXT = ("pyproject.toml", "README.md", "deploy/build_hook.py", "deploy/compile_package.py")
MODULE = "quote_service/platform/money/amounts"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What the image is built from, with a list of one module."""
    project = tmp_path / "project"
    (project / "deploy").mkdir(parents=True)
    for name in CONTEXT:
        shutil.copy(ROOT / name, project / name)
    for folder in ("quote_service", "migrations"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    listed = project / "deploy/compile_package.py"
    text, replaced = re.subn(
        r'COMPILED = """.*?"""', 'COMPILED = """platform/money/amounts"""', listed.read_text(), flags=re.DOTALL
    )
    assert replaced == 1
    listed.write_text(text)
    return project


def build(project: Path, **environment: str) -> tuple["subprocess.CompletedProcess[str]", list[Path]]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(project / "wheels")]
    inherited = {name: value for name, value in os.environ.items() if name not in ("QUOTE_COMPILE", "PYTHONPATH", "CC")}
    done = subprocess.run(
        command, cwd=project, env=inherited | environment, capture_output=True, text=True, check=False, timeout=600
    )
    return done, sorted((project / "wheels").glob("*.whl"))


def test_a_wheel_is_plain_python_unless_it_is_asked_for_machine_code(project: Path) -> None:
    done, (wheel,) = build(project)
    assert done.returncode == 0, done.stderr
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"{MODULE}.py" in names
    assert {f"quote_service/migrations/{each.name}" for each in (ROOT / "migrations").glob("*.sql")} <= set(names)
    assert not [name for name in names if name.endswith(".so") or name.startswith(("tests", "loadtests", "deploy"))]


@pytest.mark.long("builds a wheel")
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_compiled_wheel_is_of_this_platform_and_python(project: Path) -> None:
    done, (wheel,) = build(project, QUOTE_COMPILE="1")
    assert done.returncode == 0, done.stderr
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert re.search(rf"-{version}-{version}-(?!any)\w+\.whl$", wheel.name)
    assert [name for name in zipfile.ZipFile(wheel).namelist() if re.fullmatch(rf"{MODULE}\..*\.so", name)]
    assert not list(project.glob("quote_service/**/*.so")), "machine code lies beside the sources"


@pytest.mark.long("builds a wheel")
def test_there_is_no_wheel_where_compiling_fails(project: Path) -> None:
    done, wheels = build(project, QUOTE_COMPILE="1", CC="false")
    assert done.returncode != 0
    assert "cannot be compiled" in done.stdout + done.stderr
    assert not wheels


def test_the_image_has_what_building_needs() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", recipe, re.MULTILINE)
        for word in line.split()
    }
    assert {*CONTEXT, "quote_service", "migrations", "uv.lock"} <= copied
    let_in = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    assert copied <= let_in
    assert "QUOTE_COMPILE=1" in recipe


def test_what_builds_the_image_has_the_packages_that_are_compiled_against() -> None:
    # Without their types the compiler refuses what passes every check here, where everything is installed.
    (installed,) = re.findall(r"install_packages\.py (.*--group build) \\\n", (ROOT / "Dockerfile").read_text())
    pins: str = script("install_packages").pinned(installed.split())
    pinned = {name.replace("_", "-").lower() for name in re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)}
    needed = {
        distribution.replace("_", "-").lower()
        for package in imported_packages(script("compile_package").COMPILED)
        for distribution in packages_distributions()[package]
    }
    assert {"msgspec", "structlog", "redis"} <= needed
    assert needed <= pinned


def imported_packages(modules: list[str]) -> set[str]:
    """The packages of others that modules of the service import."""
    trees = [ast.parse((ROOT / f"quote_service/{module}.py").read_text()) for module in modules]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"quote_service"}


def test_the_final_image_has_no_tools() -> None:
    final = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[-1]
    assert re.findall(r"^COPY (.*)$", final, re.MULTILINE) == ["--from=build /opt/quote-service /opt/quote-service"]
