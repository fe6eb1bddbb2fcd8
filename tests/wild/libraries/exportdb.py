"""The examples of torch's own list of what export supports: ``torch._export.db``."""

from __future__ import annotations

from tests.wild.case import Case, Library
from tests.wild.libraries.stacks import DEVELOPED

EXAMPLES = """
    assume_constant_result autograd_function class_method cond_branch_class_method
    cond_branch_nested_function cond_branch_nonlocal_variables cond_closed_over_variable
    cond_operands cond_predicate constrain_as_size_example constrain_as_value_example decorator
    dictionary dynamic_shape_assert dynamic_shape_constructor dynamic_shape_if_guard
    dynamic_shape_map dynamic_shape_round dynamic_shape_slicing dynamic_shape_view fn_with_kwargs
    list_contains list_unpack model_attr_mutation nested_function null_context_manager
    optional_input pytree_flatten scalar_output specialized_attribute static_for_loop static_if
    tensor_setattr type_reflection_method unsupported_operator user_input_mutation
"""

SETUP = """
from torch._export.db.examples import all_examples

case = all_examples()["{name}"]
example_kwargs, dynamic_shapes = case.example_kwargs, case.dynamic_shapes
"""


def _case(name: str) -> Case:
    setup = SETUP.format(name=name)
    return Case(name, "case.model", ("*case.example_args",), setup=setup, dynamic=None)


LIBRARY = Library(
    name="exportdb",
    module="torch",
    environment="torch",
    requirements=(*DEVELOPED, "expecttest", "numpy"),
    setup="",
    cases=tuple(map(_case, EXAMPLES.split())),
)
