"""A hook of MkDocs: the pages that stand elsewhere, the rules, and links that leave the site.

MkDocs loads this file by its path, in an environment without the other modules here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/export-lsp/export-lsp/blob/main"

# Of the site's pages and pictures, those outside of the two folders that MkDocs reads itself: by
# their path in the repository, the path in the site.
PLACES: Mapping[str, str] = {
    "README.md": "index.md",
    "editors/README.md": "editors.md",
    "export_lsp/README.md": "how-it-works.md",
    "editors/vscode/images/shapes.png": "images/shapes.png",
    "tests/benchmarks/growth.svg": "images/growth.svg",
}
_SOURCES = {place: source for source, place in PLACES.items()}
_READ = re.compile(r"export_lsp/((?:docs|rules)/[\w-]+\.md)")

# A fenced block, which stays as it is, or the target of a link.
_LINK = re.compile(
    r"^(?P<fence> *```).*?^(?P=fence)|(?P<before>\]\()(?P<target>[^)\s]+)\)",
    re.DOTALL | re.MULTILINE,
)


def place_of(source: str) -> str | None:
    """Return where a file of the repository is in the site, or None."""
    if read := _READ.fullmatch(source):
        return read[1]
    return PLACES.get(source)


def source_of(place: str) -> str:
    """Return the path in the repository of a file of the site."""
    return _SOURCES.get(place, f"export_lsp/{place}")


def with_links(text: str, source: str) -> str:
    """Return the Markdown of a file with its links as the site needs them.

    A link to another page of the site leads there, and one to any other file to the repository.

    Args:
        text: Markdown.
        source: the path of its file in the repository.
    """
    here = posixpath.dirname(place_of(source) or source)

    def rewritten(link: re.Match[str]) -> str:
        target = link["target"]
        if target is None or re.match(r"[a-z]+:|#", target):
            return link[0]
        path, mark, anchor = target.partition("#")
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        place = place_of(wanted)
        new = posixpath.relpath(place, here or ".") if place else f"{REPOSITORY}/{wanted}"
        return f"{link['before']}{new}{mark}{anchor})"

    return _LINK.sub(rewritten, text)


def with_heading(body: str, rule: str, facts: Mapping[str, str]) -> str:
    """Return a rule's page for readers, from its body and the facts above it."""
    return (
        f"# {rule}\n\n*{facts['summary']}* Default severity: {facts['severity']}.\n\n"
        f"{body}\n\n[More about it]({facts['url']})\n"
    )


def on_config(config: Any) -> Any:
    """List the rules in the navigation, below the page about them."""
    pages = sorted(file.name for file in (ROOT / "export_lsp" / "rules").glob("*.md"))
    for pages_of_rules in _lists_named(config.nav, "Rules"):
        pages_of_rules += [{Path(name).stem: f"rules/{name}"} for name in pages]
    return config


def _lists_named(nav: list[Any], title: str) -> list[list[Any]]:
    inner = [entry for item in nav if isinstance(item, dict) for entry in item.items()]
    lists = [(name, value) for name, value in inner if isinstance(value, list)]
    return [value for name, value in lists if name == title] + [
        found for _, value in lists for found in _lists_named(value, title)
    ]


def on_files(files: Any, *, config: Any) -> Any:
    """Add the files from elsewhere."""
    from mkdocs.structure.files import File

    for source, place in PLACES.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Adapt a page to the site."""
    place = page.file.src_uri
    text = with_links(markdown, source_of(place))
    if place.startswith("rules/"):
        return with_heading(text, page.file.name, page.meta)
    return text
