"""Released artefacts state one version, and the systems that are tested."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from export_lsp.version import VERSION
from tests.release.versions import stated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CLASSIFIERS: list[str] = PROJECT["project"]["classifiers"]


@pytest.mark.parametrize(("file", "version"), list(stated()))
def test_everything_states_one_version(file: str, version: str) -> None:
    assert version == VERSION, f"{file}: run python -m tests.release.versions"


def matrix() -> dict[str, list[str]]:
    """Return the systems, Pythons and torches of the CI workflow."""
    yaml: Any = pytest.importorskip("yaml")
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    found: dict[str, list[str]] = workflow["jobs"]["versions"]["strategy"]["matrix"]
    return found


def test_the_classifiers_are_the_pythons_and_systems_of_the_workflow() -> None:
    tested = matrix()
    prefix = "Programming Language :: Python :: 3."
    pythons = [f"3.{each.removeprefix(prefix)}" for each in CLASSIFIERS if each.startswith(prefix)]
    assert pythons == tested["python"]
    assert f">={pythons[0]}" == PROJECT["project"]["requires-python"]
    systems = {each.rpartition(" ")[2] for each in CLASSIFIERS if each.startswith("Operating")}
    names = {"ubuntu": "Linux", "macos": "MacOS", "windows": "Windows"}
    assert systems == {names[each.partition("-")[0]] for each in tested["os"]}


def test_the_workflow_has_the_oldest_and_the_newest_torch() -> None:
    environments = PROJECT["tool"]["tox"]["env"].values()
    known = {dependency for each in environments for dependency in each["deps"]}
    versions = sorted(
        (each.group(1) for name in known if (each := re.fullmatch(r"torch==([\d.]+)\.\*", name))),
        key=lambda version: [int(part) for part in version.split(".")],
    )
    assert matrix()["torch"] == [versions[0], versions[-1]]
    oldest = PROJECT["project"]["optional-dependencies"]["torch"]
    assert oldest == [f"torch>={versions[0]}"]
