"""The command ``export-lsp``, also as ``python -m export_lsp``."""

from __future__ import annotations

from export_lsp import cli


def main() -> None:
    """The console script."""
    cli.main(prog_name="export-lsp")


if __name__ == "__main__":
    main()
