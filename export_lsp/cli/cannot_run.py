"""The error of a command that cannot do its work: exit status 2, and each message on stderr."""

from __future__ import annotations

from collections.abc import Sequence

import click

from export_lsp.cli.message_line import print_message


class CannotRun(click.ClickException):
    """Nothing was checked; the messages say why, one sentence each."""

    exit_code = 2

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages: Sequence[str] = messages

    def show(self, file: object = None) -> None:
        """Print the messages to stderr, each on one line."""
        for message in self.messages:
            print_message("error", message)
