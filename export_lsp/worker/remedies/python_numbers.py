"""`replace`: calls that make a Python number of a size or of a tensor's value."""

from __future__ import annotations

import ast

from export_lsp.protocol import Remedy
from export_lsp.source import as_operand
from export_lsp.worker.places.failure import Failure


def keep_symbolic(failure: Failure) -> tuple[Remedy, ...]:
    """Replace ``len(x)``, ``int(x)`` or ``float(x)`` by an expression that stays symbolic.

    Of ``int(x.item())`` that is ``x.item()``, whose type the tensor decides.
    """
    call = failure.node
    if isinstance(call, ast.Compare):
        call = call.left  # strict mode reports the comparison around the call
    source = failure.source(failure.location)
    if source is None or not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords:
        return ()
    function = ast.unparse(call.func)
    argument = as_operand(source.text_of(call.args[0]))
    number = argument if argument.endswith(".item()") else f"{argument}.item()"
    symbolic = {"len": f"{argument}.shape[0]", "int": number, "float": number}
    if function not in symbolic:
        return ()
    return (Remedy("replace", source.location_of(call), symbolic[function]),)
