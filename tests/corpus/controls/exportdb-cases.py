"""The cases of torch's own exportdb, taken from torch; all but one are supported."""

from torch._export.db.examples import all_examples

UNSUPPORTED = {"dynamic_shape_round"}


def export_targets():
    return {  #~ graph-break (strict) [torch<=2.6] `{ …`  #~ data-dependent-guard (non-strict) [torch<=2.6] `{ …`  #~ unsupported-operator (non-strict) [torch<=2.6] `{ …`
        name: {
            "model": case.model,
            "args": case.example_args,
            "kwargs": case.example_kwargs,
            "dynamic_shapes": case.dynamic_shapes,
        }
        for name, case in all_examples().items()
        if name not in UNSUPPORTED
    }
