"""`capture`: failures while ``forward`` is traced.

In ``torch/export/_trace.py`` that is ``_export_to_torch_ir`` (strict mode, where Dynamo traces) and
``_non_strict_export``. A failure is explained by the first of `EXPLAINERS` that recognises it.
"""

from __future__ import annotations

from collections.abc import Callable

from export_lsp.protocol import Finding
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import (
    data_dependent,
    forward_error,
    graph_break,
    operators,
    outputs,
    script_objects,
)

# Those that recognise an exception come first, then the comparison with eager mode, which may have
# to run the model, then those that take what is left.
EXPLAINERS: tuple[Callable[[Failure, Built], Finding | None], ...] = (
    outputs.explain,
    data_dependent.explain,
    script_objects.explain,
    operators.explain_known,
    forward_error.explain,
    graph_break.explain_higher_order,
    graph_break.explain,
    operators.explain_rest,
)


def explain(failure: Failure, built: Built) -> Finding:
    """Return the finding for a failure of the capture; there always is one.

    Each explainer takes the same arguments and returns None if the failure is not of its kind.

    Args:
        failure: what torch raised, with the user's frames.
        built: the model and the example inputs that were exported.
    """
    found = (explainer(failure, built) for explainer in EXPLAINERS)
    return next(finding for finding in found if finding is not None)
