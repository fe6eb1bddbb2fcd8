"""The command line: ``export-lsp check | init | explain | doctor | server``.

A subcommand's module is imported when the subcommand is asked for, so that ``--version`` and
completion stay quick.
"""

from __future__ import annotations

import importlib

import click

from export_lsp.version import VERSION

_COMMANDS = {
    "check": "Check model files and print what stops torch.export.",
    "doctor": "Say which interpreter, torch and device are used, and why.",
    "explain": "Print the page of a rule, or another page; list them all.",
    "init": "Declare targets for the models that have none.",
    "server": "Run the language server.",
    "show": "Print the shapes in a model file, and the sizes that its exports accept.",
}


class _Commands(click.Group):
    """Subcommands by name, each in the module of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"export_lsp.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="export-lsp")
def main() -> None:
    """Shows why torch.export cannot capture a model, at the exact expression."""
