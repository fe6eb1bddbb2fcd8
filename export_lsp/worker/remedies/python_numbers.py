"""`replace`: calls that make a plain number of a size or a tensor, by what keeps it symbolic."""

from __future__ import annotations

import ast

from export_lsp.protocol import Remedy
from export_lsp.source import as_operand
from export_lsp.worker.places.failure import Failure


def keep_symbolic(failure: Failure) -> tuple[Remedy, ...]:
    """What to write instead of ``len(x)``, ``int(x)`` and ``float(x)``."""
    call = failure.node
    if isinstance(call, ast.Compare):
        call = call.left  # strict mode blames the comparison of it
    source = failure.source(failure.location)
    if source is None or not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords:
        return ()
    function = ast.unparse(call.func)
    argument = as_operand(source.text_of(call.args[0]))
    instead = {
        "len": f"{argument}.shape[0]",
        "int": f"{argument}.item()",
        "float": f"{argument}.item()",
    }
    if function not in instead or argument.endswith(".item()"):
        return ()
    return (Remedy("replace", source.location_of(call), instead[function]),)
