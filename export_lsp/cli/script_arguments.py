"""The arguments of a script on the command line: ``--run-main FILE -- ARGUMENT…``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

RUN_MAIN = "--run-main"
_KEY = "export_lsp.script_arguments"


class WithScriptArguments(click.Command):
    """A command with `--run-main`: what then follows ``--`` belongs to the script."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the script's arguments for `script_arguments`, and parse the others."""
        own, of_script = _split(args)
        if RUN_MAIN in own:
            args, ctx.meta[_KEY] = own, of_script
        return super().parse_args(ctx, args)


def script_arguments(paths: Sequence[Path]) -> dict[str, list[str]] | None:
    """Return the arguments of the script that the current command names, by its path.

    None if there are none.

    Args:
        paths: The paths that the command names.

    Raises:
        click.UsageError: There are arguments, and not one script that they are for.
    """
    given: list[str] = click.get_current_context().meta.get(_KEY, [])
    if not given:
        return None
    if len(paths) != 1 or not os.path.isfile(paths[0]):
        raise click.UsageError(f"What follows -- needs one script before it: {RUN_MAIN} FILE.")
    return {os.path.abspath(paths[0]): given}


def _split(args: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before and after the first ``--``."""
    at = args.index("--") if "--" in args else len(args)
    return args[:at], args[at + 1 :]
