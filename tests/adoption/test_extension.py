"""The manifest of the VS Code extension."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

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
