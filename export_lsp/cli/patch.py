"""The changes of files as a patch, for ``git apply``."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from export_lsp.cli.combined_fixes import CombinedFixes
from export_lsp.cli.file_bytes import lines_of
from export_lsp.cli.report import shown_path
from export_lsp.safe_text import for_terminal


def print_patch(fixes: CombinedFixes, folder: Path) -> None:
    """Print a patch in the encodings of its files, or to a terminal without control characters."""
    lines = unified_diff(fixes, folder)
    if sys.stdout.isatty():
        sys.stdout.writelines(f"{for_terminal(line[:-1])}\n" for line, _ in lines)
        return
    sys.stdout.flush()
    for line, encoding in lines:
        sys.stdout.buffer.write(line.encode(encoding, "surrogateescape"))


def unified_diff(fixes: CombinedFixes, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the changes as the lines of a patch, with paths relative to `folder`.

    With each line comes the encoding of its file.
    """
    for file, change in sorted(fixes.changes.items()):
        shown = _patch_name(shown_path(file, folder))
        encoding = "utf-8" if change.source.encoding == "utf-8-sig" else change.source.encoding
        old, new = (lines_of(text) for text in (change.source.text, change.text))
        for line in difflib.unified_diff(old, new, shown, shown):
            yield (
                line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n",
                encoding,
            )


def _patch_name(name: str) -> str:
    """Return a path as git writes it in a patch: in quotes if it has unusual characters."""
    if for_terminal(name) == name and not name.startswith('"'):
        return name
    quoted = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in os.fsencode(name)
    )
    return f'"{quoted}"'
