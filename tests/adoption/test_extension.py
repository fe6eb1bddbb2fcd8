"""The manifest of the VS Code extension."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text("utf-8"))
[WALKTHROUGH] = MANIFEST["contributes"]["walkthroughs"]
PACKED = [
    line[1:] for line in (EXTENSION / ".vscodeignore").read_text().splitlines() if line[:1] == "!"
]


@pytest.mark.parametrize("step", WALKTHROUGH["steps"], ids=lambda step: step["id"])
def test_a_step_of_the_walkthrough_has_its_picture_and_commands(step: dict[str, Any]) -> None:
    media = step["media"]
    path = media.get("image") or media["markdown"]
    assert (EXTENSION / path).is_file()
    assert any(fnmatch(path, pattern) for pattern in PACKED)
    commands = {each["command"] for each in MANIFEST["contributes"]["commands"]}
    linked = set(re.findall(r"\(command:(exportLsp\.\w+)\)", step["description"]))
    completing = {each.partition(":")[2] for each in step["completionEvents"]}
    assert linked
    assert linked <= commands
    assert linked <= completing


def test_the_manifest_says_where_the_project_is() -> None:
    place = MANIFEST["repository"]["url"].removesuffix(".git")
    assert MANIFEST["bugs"]["url"] == f"{place}/issues"
    assert MANIFEST["homepage"].startswith(place)
    package = MANIFEST["scripts"]["package"]
    assert f"--baseContentUrl {place}/blob/main/{MANIFEST['repository']['directory']} " in package
    assert f"--baseImagesUrl {place}/raw/main/{MANIFEST['repository']['directory']}" in package


def needed(requirements: Iterable[str], python: str) -> set[str]:
    """Return the names of all packages that requirements lead to with a version of Python."""
    found: set[str] = set()
    left = list(requirements)
    while left:
        requirement = Requirement(left.pop())
        name = canonicalize_name(requirement.name)
        surroundings = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
        if name in found or not (
            requirement.marker is None or requirement.marker.evaluate(surroundings)
        ):
            continue
        found.add(name)
        try:
            left += metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # it is not for this Python
            continue
    return found


def test_the_bundle_has_what_only_an_older_python_needs() -> None:
    project = tomllib.loads((EXTENSION.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    everywhere = set.intersection(
        *(needed(project["dependencies"], f"3.{minor}") for minor in range(11, 15))
    )
    older = re.search(r"^const older = (\[.*\]);$", (EXTENSION / "bundle.mjs").read_text(), re.M)
    assert older is not None
    named = {canonicalize_name(Requirement(each).name) for each in json.loads(older[1])}
    assert needed(project["dependencies"], oldest) - everywhere == named
