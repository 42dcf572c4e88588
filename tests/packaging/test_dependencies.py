"""What the code imports is declared, and what is declared is locked with a hash: a fresh machine gets it all."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("celeryconfig.py", "intake", "kader", "models", "notifications", "pipeline", "web", "workers")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = PYPROJECT["project"]["dependencies"]
EXTRAS = [
    each
    for extra in PYPROJECT["project"]["optional-dependencies"].values()
    for each in extra
    if not each.startswith("kader[")
]
FOR_DEVELOPERS = PYPROJECT["dependency-groups"]["dev"]
FOR_ENCODERS = PYPROJECT["dependency-groups"]["encoders"]
FOR_BROWSERS = PYPROJECT["dependency-groups"]["browser"]
FOR_BENCHMARKS = PYPROJECT["dependency-groups"]["bench"]
UNLOCKED = "torch"  # differs per machine; the Makefile names its version


def test_what_an_encoder_needs_is_not_what_kader_runs_on() -> None:
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    assert not [each for each in EXTRAS if f"\n{plain(each)}==" in locked]


def plain(requirement: str) -> str:
    """The name of a package as an index compares it, without versions, extras and markers."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def sources(places: Iterable[str]) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(places: Iterable[str]) -> set[str]:
    """The top-level names of other people's packages that these files import."""
    names = set()
    for path in sources(places):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    ours = {path.name.removesuffix(".py") for path in ROOT.iterdir()}
    return names - ours - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("places", "declared"),
    [
        pytest.param(PRODUCT, [*DECLARED, *EXTRAS], id="product"),
        pytest.param(
            ("tests", "benchmarks", "training"),
            [*DECLARED, *EXTRAS, *FOR_DEVELOPERS, *FOR_ENCODERS, *FOR_BENCHMARKS, *FOR_BROWSERS],
            id="tests",
        ),
    ],
)
def test_what_is_imported_is_declared(places: tuple[str, ...], declared: list[str]) -> None:
    known = {plain(each) for each in declared}
    # Installed only where it is measured, and called otherwise than its module.
    distributions = {"xgboost": ["xgboost-cpu"], **packages_distributions()}
    missing = {
        name
        for name in imported(places)
        if not known & {plain(each) for each in distributions.get(name, [name])}
    }
    assert not missing


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        pytest.param("run.txt", DECLARED, id="run"),
        pytest.param("dev.txt", [*DECLARED, *FOR_DEVELOPERS], id="dev"),
        pytest.param("browser.txt", [*DECLARED, *FOR_BROWSERS], id="browser"),
        pytest.param("bench.txt", [*DECLARED, *FOR_BENCHMARKS], id="bench"),
        pytest.param("encoders.txt", [*DECLARED, *EXTRAS, *FOR_DEVELOPERS, *FOR_ENCODERS], id="encoders"),
    ],
)
def test_what_is_declared_is_locked(lock: str, declared: list[str]) -> None:
    lines = (ROOT / "requirements" / lock).read_text("utf-8").splitlines()
    locked = {plain(line) for line in lines if "==" in line}
    assert {plain(each) for each in declared} - {UNLOCKED} <= locked
    assert all(line.startswith((" ", "#")) or "==" in line for line in lines if line), "only exact versions"
