"""Who explains a failed capture.

An explainer looks at a failure and gives its finding, or None for the next one to look.  The order
is from what a failure says of itself to what only a comparison with eager can tell.
"""

from __future__ import annotations

from collections.abc import Callable

from export_lsp.protocol import Finding
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import (
    data_dependent,
    eager,
    graph_break,
    operators,
    outputs,
)

EXPLAINERS: tuple[Callable[[Failure, Built], Finding | None], ...] = (
    outputs.explain,
    data_dependent.explain,
    operators.explain_known,
    eager.explain,
    graph_break.explain_higher_order,
    graph_break.explain,
    operators.explain_rest,
)


def explain(failure: Failure, built: Built) -> Finding:
    found = (explainer(failure, built) for explainer in EXPLAINERS)
    return next(finding for finding in found if finding is not None)
