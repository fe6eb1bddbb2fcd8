"""Builds the wheel, the sdist and the .vsix, and examines what they hold."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from export_lsp.version import VERSION
from tests.release.commands import FailedError, require, run

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
PLACE = "https://github.com/export-lsp/export-lsp"
_BELOW = re.compile(rf"{PLACE}/(?:blob|raw)/(?:main|v[\d.]+)/([^)\"#\s]+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Artefacts:
    """The files of a release."""

    wheel: Path
    sdist: Path
    vsix: Path


def build(tools: Path, to: Path) -> Artefacts:
    """Build all artefacts into a folder."""
    run([tools / "python", "-m", "build", "--outdir", to, ROOT])
    node_modules = EXTENSION / "node_modules"
    if not (node_modules / ".bin" / "vsce").exists():
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder=EXTENSION)
    vsix = to / f"export-lsp-{VERSION}.vsix"
    run(
        ["npm", "run", "--silent", "package", "--", "--out", vsix],
        folder=EXTENSION,
        variables={"PYTHON": sys.executable},
    )
    return Artefacts(
        to / f"export_lsp-{VERSION}-py3-none-any.whl", to / f"export_lsp-{VERSION}.tar.gz", vsix
    )


def examine(artefacts: Artefacts, tools: Path) -> None:
    """Examine what the artefacts hold, and the pages that they show.

    Raises:
        FailedError: Something is missing, or a page has a link to nothing.
    """
    run([tools / "twine", "check", "--strict", artefacts.wheel, artefacts.sdist])
    with zipfile.ZipFile(artefacts.wheel) as wheel:
        names = "\n".join(wheel.namelist())
        require(names, "export_lsp/worker/boot.py", "export_lsp/docs/ci.md", "export_lsp/py.typed")
        [metadata] = [name for name in wheel.namelist() if name.endswith("/METADATA")]
        _examine_links("the page in the package index", wheel.read(metadata).decode())
    with tarfile.open(artefacts.sdist) as sdist:
        require("\n".join(sdist.getnames()), "/pyproject.toml", "/README.md", "/tests/conftest.py")
    with zipfile.ZipFile(artefacts.vsix) as vsix:
        names = "\n".join(vsix.namelist())
        require(names, "extension/dist/extension.js", "extension/images/icon.png", "bundled/libs")
        manifest = json.loads(vsix.read("extension/package.json"))
        for icon in _pictures(manifest):
            require(names, f"extension/{icon}")
        _examine_links("the extension's page", vsix.read("extension/readme.md").decode())


def _pictures(manifest: object) -> Iterator[str]:
    """The paths of pictures and pages in a part of the manifest."""
    parts = manifest.values() if isinstance(manifest, dict) else manifest
    for part in parts if isinstance(parts, (list, tuple)) or hasattr(parts, "__iter__") else ():
        if isinstance(part, str) and re.fullmatch(r"[\w./-]+\.(png|svg|md)", part):
            yield part
        elif isinstance(part, (dict, list)):
            yield from _pictures(part)


def _examine_links(page: str, text: str) -> None:
    """Raise FailedError if a link is relative, or to a file that the repository does not have."""
    links = _LINK.findall(text)
    relative = [link for link in links if not re.match(r"https?://|#", link)]
    if relative or not links:
        raise FailedError(f"Links of {page} that lead nowhere: {relative}")
    files = [found[1] for link in links if (found := _BELOW.match(link))]
    missing = [file for file in files if not (ROOT / file).exists()]
    if missing or not files:
        raise FailedError(f"Files that {page} links to, and that do not exist: {missing}")
