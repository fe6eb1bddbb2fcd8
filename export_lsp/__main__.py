"""The command ``export-lsp``, also as ``python -m export_lsp``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path[:1] == [os.getcwd()]:
    # ``python -m`` looks in the working directory first, which is a workspace nobody trusts yet.
    del sys.path[0]

import io

from export_lsp import cli


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A source excerpt may have what a terminal's or a pipe's encoding has not.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli.main(prog_name="export-lsp")


if __name__ == "__main__":
    main()
