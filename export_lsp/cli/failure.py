"""The end of a command that could not do its work: one line on stderr each, exit code 2."""

from __future__ import annotations

from collections.abc import Sequence

import click

from export_lsp.safe_text import one_line


class CannotRun(click.ClickException):
    """Nothing was checked, and why."""

    exit_code = 2

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages: Sequence[str] = messages

    def show(self, file: object = None) -> None:
        for message in self.messages:
            click.echo(
                f"{click.style('error', fg='red', bold=True)}: {one_line(message)}", err=True
            )
