"""The places that state the version; ``python -m tests.release.versions NEW`` changes them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from export_lsp.version import VERSION

ROOT = Path(__file__).parents[2]

# Files, and around the version the text before it as a pattern.
PLACES = (
    ("export_lsp/version.py", r'^VERSION = "'),
    ("editors/vscode/package.json", r'^  "version": "'),
    ("editors/vscode/package-lock.json", r'^  "version": "'),
    ("editors/vscode/package-lock.json", r'^      "name": "export-lsp",\n      "version": "'),
    ("editors/neovim/lua/export_lsp/init.lua", r"^M\.VERSION = '"),
    ("editors/indexes/mason-registry/packages/export-lsp/package.yaml", r"pypi/export-lsp@"),
    ("editors/indexes/zed/extension.toml", r'^version = "'),
    ("editors/indexes/zed/Cargo.toml", r'^version = "'),
    ("editors/vscode/CHANGELOG.md", r"\A(?:(?!## ).*\n)*## "),
    ("export_lsp/docs/ci.md", r"\.github/actions/check@v"),
    ("export_lsp/docs/ci.md", r"^    rev: v"),
)
_NUMBER = re.compile(r"\d+\.\d+\.\d+(?:\w+\d+)?")


def stated() -> Iterator[tuple[str, str]]:
    """Yield each file of `PLACES`, and the version that it states, "" if it does not."""
    for path, before in PLACES:
        found = _pattern(before).search((ROOT / path).read_text("utf-8"))
        yield path, found[2] if found else ""


def write(new: str) -> None:
    """Write a version in all places; the changelog gets an empty section."""
    for path, before in PLACES:
        file = ROOT / path
        text = file.read_text("utf-8")
        if path.endswith("CHANGELOG.md"):
            text = text.replace("\n## ", f"\n## {new}\n\n\n## ", 1)
        else:
            text = _pattern(before).sub(lambda found: found[1] + new, text, count=1)
        file.write_text(text, "utf-8")


def _pattern(before: str) -> re.Pattern[str]:
    return re.compile(f"({before})({_NUMBER.pattern})", re.MULTILINE)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not _NUMBER.fullmatch(sys.argv[1]):
        sys.exit(f"The version is {VERSION}. Usage: python -m tests.release.versions NEW")
    write(sys.argv[1])
