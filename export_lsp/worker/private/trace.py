"""``torch.export._trace``: the stage of the pipeline that an exception comes from.

A stage is recognized by functions of torch on the stack.

Seen in torch 2.6 to 2.13.  Without such a function its failures count as `capture`, which changes
the stage of a finding but not its rule or location.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from unittest import mock

import torch.export._trace

from export_lsp.stages import Stage

FUNCTIONS: dict[str, Stage] = {
    "_process_export_inputs": "inputs",
    "_process_jit_trace_inputs_for_export": "inputs",
    "_combine_args": "inputs",
    "_check_dynamic_shapes": "inputs",
    "_process_dynamic_shapes": "inputs",
    "_process_equalities": "inputs",
    "fakify": "inputs",
    "_fakify_module_inputs": "inputs",
    "check_user_input_output": "inputs",
    "produce_guards_and_solve_constraints": "guards",
    "produce_guards": "guards",
    "produce_guards_verbose": "guards",
    "make_constraints": "guards",
    # Fails on some violations that it is to put into words (torch 2.13).
    "prettify_results": "guards",
    "_get_range_constraints": "guards",
    "insert_deferred_runtime_asserts": "lower",
    "apply_runtime_assertion_pass": "lower",
    "lift_constants_pass": "lower",
    "placeholder_naming_pass": "lower",
    "rewrite_dynamo_tensor_constants": "lower",
    "_replace_param_buffer_names": "lower",
    "_verify_nn_module_stack": "verify",
    "_verify_stack_trace": "verify",
    "_verify_placeholder_names": "verify",
    "_check_graph_module": "verify",
    "_check_graph": "verify",
}


@contextlib.contextmanager
def without_graph_print() -> Iterator[None]:
    """Context manager in which a failing export does not print its graph so far to stderr."""
    with mock.patch.object(torch.export._trace, "print", _print_nothing, create=True):
        yield


def _print_nothing(*args: object, **kwargs: object) -> None:
    pass


def stage_of(tb: TracebackType | None) -> Stage | None:
    """Return the stage of the innermost known function in a traceback; None if there is none."""
    found: Stage | None = None
    while tb is not None:
        found = _of_code(tb.tb_frame.f_code) or found
        tb = tb.tb_next
    return found


def current_stage(frame: FrameType | None) -> Stage | None:
    """Return the stage of the innermost known function on the stack; None if there is none."""
    while frame is not None:
        stage = _of_code(frame.f_code)
        if stage is not None:
            return stage
        frame = frame.f_back
    return None


def _of_code(code: CodeType) -> Stage | None:
    return FUNCTIONS.get(code.co_name) if "torch" in code.co_filename else None
