"""``export-lsp server``: the language server, started by an editor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from export_lsp.cli.cannot_run import CannotRun

# Characters of a token: fewer can be guessed.
SHORTEST_TOKEN = 16


class Address(click.ParamType[tuple[str, int]]):
    """``HOST:PORT``; a host in brackets may hold colons (``[::1]:8000``)."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        host, separator, port = str(value).rpartition(":")
        if not separator or not host or not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT.", param, ctx)
        return host.strip("[]"), int(port)


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on stdin and stdout (the default).")
@click.option(
    "--tcp", type=Address(), metavar="HOST:PORT", help="Listen for one client that has the token."
)
@click.option(
    "--socket", "socket_path", type=click.Path(path_type=Path), metavar="PATH",
    help="Listen for one client on a Unix socket that only you can connect to.",
)  # fmt: skip
@click.option(
    "--allow-remote", is_flag=True, help="With --tcp: listen where other machines can connect."
)
def command(
    stdio: bool, tcp: tuple[str, int] | None, socket_path: Path | None, allow_remote: bool
) -> None:
    """Run the language server.

    A client of --tcp sends the initialization option `token`: the one that is printed at the
    start, or that of the environment variable EXPORT_LSP_TOKEN.
    """
    if stdio + (tcp is not None) + (socket_path is not None) > 1:
        raise click.UsageError("--stdio, --tcp and --socket exclude each other.")
    if allow_remote and tcp is None:
        raise click.UsageError("--allow-remote is for --tcp.")
    from export_lsp.server import app
    from export_lsp.server.connection.admission import TOKEN_VARIABLE
    from export_lsp.server.connection.listening import ListenError

    token = os.environ.pop(TOKEN_VARIABLE, "")  # the models' code needs no token
    try:
        if tcp is not None:
            if 0 < len(token) < SHORTEST_TOKEN:
                message = f"{TOKEN_VARIABLE} must have at least {SHORTEST_TOKEN} characters."
                raise click.UsageError(message)
            app.serve_tcp(*tcp, token=token or None, allow_remote=allow_remote)
        elif socket_path is not None:
            app.serve_socket(socket_path)
        else:
            app.serve_stdio()
    except ListenError as error:
        raise CannotRun(str(error)) from error
