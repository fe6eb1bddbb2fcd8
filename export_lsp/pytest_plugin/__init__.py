"""The pytest plugin: each target of the collected files is a test, once it is asked for.

This module is loaded by every run of pytest in an environment with export-lsp, so that it imports
nothing before ``--export-lsp`` or a test asks for it.  `collecting` has the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_NAME = "export-lsp-collecting"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the settings of the ini file."""
    group = parser.getgroup("export-lsp")
    group.addoption(
        "--export-lsp",
        action="store_true",
        default=None,
        help="Check that torch.export captures each target of the collected files.",
    )
    parser.addini("export_lsp", "The same as --export-lsp.", type="bool", default=False)
    parser.addini(
        "export_lsp_python",
        "The interpreter that has torch; by default the one that runs pytest, if it has torch.",
        default="",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect targets if that is asked for."""
    if config.getoption("--export-lsp") or config.getini("export_lsp"):
        from export_lsp.pytest_plugin.collecting import Collecting

        config.pluginmanager.register(Collecting(config), _NAME)


@pytest.fixture(name="assert_exports", scope="session")
def _assert_exports() -> Callable[..., Any]:
    """Return `export_lsp.assert_exports`."""
    from export_lsp.api import assert_exports

    return assert_exports
