"""Errors and warnings on stderr: one line each, coloured as the rest of the output is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from export_lsp.safe_text import one_line

Kind = Literal["error", "warning"]

_STYLES: Mapping[Kind, str] = {"error": "bold red", "warning": "bold yellow"}


def print_message(kind: Kind, message: str) -> None:
    """Print a message to stderr.

    Unlike click, rich heeds ``NO_COLOR`` and ``FORCE_COLOR``.
    """
    # Imported here: a server that starts has nothing to print.
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble((kind, _STYLES[kind]), f": {one_line(message)}")
    Console(stderr=True).print(line, soft_wrap=True)
