"""``export-lsp server``: the language server, started by an editor."""

from __future__ import annotations

import click


class Address(click.ParamType[tuple[str, int]]):
    """``HOST:PORT``; a host in brackets may hold colons (``[::1]:8000``)."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        host, separator, port = str(value).rpartition(":")
        if not separator or not host or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT.", param, ctx)
        return host.strip("[]"), int(port)


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on stdin and stdout (the default).")
@click.option("--tcp", type=Address(), metavar="HOST:PORT", help="Listen for one client instead.")
def command(stdio: bool, tcp: tuple[str, int] | None) -> None:
    """Run the language server."""
    if stdio and tcp is not None:
        raise click.UsageError("--stdio and --tcp exclude each other.")
    from export_lsp.server import app

    if tcp is None:
        app.serve_stdio()
    else:
        app.serve_tcp(*tcp)
