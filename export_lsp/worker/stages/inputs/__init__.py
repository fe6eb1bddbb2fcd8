"""`inputs`: a model, example inputs or dynamic_shapes that torch.export does not accept.

torch checks them before it traces, in ``_process_export_inputs`` of ``torch/export/_trace.py`` and
in ``_combine_args``, ``_check_dynamic_shapes`` and ``_process_dynamic_shapes``, which that file
calls. Findings are at the literals in the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.stages.inputs import (
    example_arguments,
    input_types,
    model_arguments,
    nested_tensors,
    replaced_forward,
    shape_spec,
)
from export_lsp.worker.stages.inputs.finding import Explainer, invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words, sentence


def explain(failure: Failure, declaration: Declaration) -> Finding | None:
    """Return the finding for arguments that torch.export does not accept; None for others.

    Args:
        failure: what torch raised. An exception without a frame of the user's may be of this
            stage even if its traceback does not show it.
        declaration: the target's, whose literals the finding is at.
    """
    if "one of the outputs" in failure.text:
        return None  # up to torch 2.9 the same function checks inputs and outputs
    for explainer in EXPLAINERS:
        finding = explainer(failure, declaration)
        if finding is not None:
            return finding
    return None


def refused(declaration: Declaration, mode: Mode) -> Iterator[Finding]:
    """Yield findings for inputs that torch.export takes, and with which no program can work.

    If there are any, the export is not worth trying.
    """
    return nested_tensors.findings(declaration, mode)


def _unknown(failure: Failure, declaration: Declaration) -> Finding | None:
    if failure.stage != "inputs" or failure.stack.frames:
        return None
    return invalid_input(
        failure,
        declaration.target.places.args,
        Words(
            "Inputs that are not accepted",
            f"torch.export does not accept these inputs. {sentence(reason(failure.error))}",
        ),
    )


EXPLAINERS: tuple[Explainer, ...] = (
    model_arguments.model_class,
    model_arguments.preserved_names,
    example_arguments.args_container,
    example_arguments.kwargs_container,
    replaced_forward.replaced_forward,
    example_arguments.signature,
    *shape_spec.EXPLAINERS,
    input_types.quantized,
    input_types.part_names,
    input_types.unsupported_type,
    *shape_spec.LAST_EXPLAINERS,
    _unknown,
)
