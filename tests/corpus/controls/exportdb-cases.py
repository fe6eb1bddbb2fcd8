"""The cases of torch's own exportdb, taken from torch; all but one are supported."""

from torch._export.db.examples import all_examples

UNSUPPORTED = {"dynamic_shape_round"}


def export_targets():
    return {
        name: {
            "model": case.model,
            "args": case.example_args,
            "kwargs": case.example_kwargs,
            "dynamic_shapes": case.dynamic_shapes,
        }
        for name, case in all_examples().items()
        if name not in UNSUPPORTED
    }
