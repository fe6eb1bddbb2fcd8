"""The conventions of declaring targets, and the names by which the server recognises a file."""

from __future__ import annotations

import ast

import pytest

from export_lsp import protocol
from export_lsp.worker.targets.conventions import CONVENTIONS


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda module: module.__name__)
def test_a_file_without_the_names_of_a_convention_does_not_use_it(convention) -> None:  # type: ignore[no-untyped-def]
    name = convention.__name__.rpartition(".")[2]
    text = ast.parse("model = Model = get_init_inputs = dynamic_shapes = None")
    assert not convention.declared_in(text)
    assert protocol.CONVENTIONS[name]
