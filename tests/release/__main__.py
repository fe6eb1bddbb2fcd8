"""Builds the artefacts of a release, and tries each of them in clean environments.

Usage: ``python -m tests.release [--output FOLDER] [--torch-python PATH] [PYTHON…]``.  Every PYTHON
that is named installs the wheel and the sdist; `--torch-python` is the interpreter whose torch
checks, by default the one that runs the command.  It takes some minutes and a network.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.release import artefacts, trials, workflows
from tests.release.commands import FailedError, environment, install

_Result = TypeVar("_Result")
_TOOLS = ("build", "check-jsonschema", "pre-commit", "twine")
_EDITORS = Path(os.environ.get("EXPORT_LSP_EDITORS", artefacts.ROOT / ".editors"))


def main() -> int:
    """Carry out all steps; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, help="keep the artefacts here")
    parser.add_argument("--torch-python", type=Path, default=Path(sys.executable))
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", default=[sys.executable])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="release-of-export-lsp-") as folder:
        try:
            _release(Path(folder), options.pythons, options.torch_python, options.output)
        except FailedError as error:
            print(f"failed: {error}", file=sys.stderr)
            return 1
    print("Everything works.")
    return 0


def _release(folder: Path, pythons: list[str], torch_python: Path, output: Path | None) -> None:
    tools = environment(folder / "tools")
    _step("Tools", lambda: install(tools, *_TOOLS))
    _step("Workflows, action, hook and examples are valid", lambda: workflows.validate(
        tools, _new(folder / "workflows")
    ))  # fmt: skip
    built = _step("Wheel, sdist and .vsix", lambda: artefacts.build(tools, _new(folder / "dist")))
    _step("Their files, pages and links", lambda: artefacts.examine(built, tools))
    for number, python in enumerate(pythons):
        found = Path(shutil.which(python) or python)
        for package in (built.wheel, built.sdist):
            where = _new(folder / f"{number}-{package.suffix[1:]}")
            _step(f"{package.name} with {python}", partial(
                trials.try_package, package, found, torch_python, where
            ))  # fmt: skip
        _step(f"pytest with {python}", partial(
            trials.try_pytest, built.wheel, found, torch_python, _new(folder / f"{number}-pytest")
        ))  # fmt: skip
    first = Path(shutil.which(pythons[0]) or pythons[0])
    _step("The extension's own server", lambda: trials.try_extension(
        built.vsix, first, torch_python, _new(folder / "extension")
    ))  # fmt: skip
    left_out = _step("The extension in VS Code", lambda: trials.try_vscode(
        built.vsix, _EDITORS, _new(folder / "vscode")
    ))  # fmt: skip
    if left_out:
        print(f"  left out: {left_out}")
    _step(
        "The pre-commit hook", lambda: trials.try_hook(tools, torch_python, _new(folder / "hook"))
    )
    _step("The GitHub action", lambda: trials.try_action(torch_python, _new(folder / "action")))
    if output is not None:
        shutil.copytree(folder / "dist", output, dirs_exist_ok=True)


def _step(name: str, carry_out: Callable[[], _Result]) -> _Result:
    """Carry out a step, and print its name and its seconds."""
    print(f"{name} …", end="", flush=True)
    began = time.monotonic()
    result = carry_out()
    print(f" {time.monotonic() - began:.0f} s", flush=True)
    return result


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
