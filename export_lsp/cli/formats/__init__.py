"""The output formats of ``export-lsp check``: a module each, and a row in `FORMATS`.

A format's module has ``render(report)``, which returns the whole output: a `str` is written as it
is, a `rich.text.Text` is printed with its styles where the output is a terminal.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from rich.text import Text

from export_lsp.cli.report import Report


@dataclass(frozen=True)
class Format:
    """An output format.

    Attributes:
        name: Its name for ``--output-format``, and that of its module in this package.
        shows_fixes: Its output has a place for fixes, so that they are looked for.
    """

    name: str
    shows_fixes: bool = False

    def render(self, report: Report) -> str | Text:
        """Return a report in this format."""
        module = importlib.import_module(f"{__name__}.{self.name}")
        rendered: str | Text = module.render(report)
        return rendered


_ROWS = (
    Format("text", shows_fixes=True),
    Format("json", shows_fixes=True),
    Format("sarif", shows_fixes=True),
    Format("github"),
    Format("gitlab"),
    Format("junit"),
)

FORMATS: dict[str, Format] = {row.name: row for row in _ROWS}
