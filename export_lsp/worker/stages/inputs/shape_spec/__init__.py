"""dynamic_shapes that do not fit the example inputs.

A spec is the part of dynamic_shapes for one input. Texts seen in torch 2.13.
"""

from __future__ import annotations

from export_lsp.worker.stages.inputs.finding import Explainer
from export_lsp.worker.stages.inputs.shape_spec import (
    dims,
    input_names,
    sizes,
    structure,
    without_dimensions,
)

# Failures whose text leaves no doubt that dynamic_shapes is at fault.
EXPLAINERS: tuple[Explainer, ...] = (
    structure.additional_inputs,
    structure.collection,
    input_names.top_level_keys,
    dims.two_definitions,
    sizes.out_of_range,
    sizes.not_static_size,
    sizes.not_of_form,
    sizes.not_derived_size,
    sizes.unequal_sizes,
    without_dimensions.not_a_tensor_at,
    input_names.keyword_inputs,
)

# Failures that may come from the example inputs instead, whose explainers go first.
LAST_EXPLAINERS: tuple[Explainer, ...] = (
    dims.missing_dimension,
    dims.dimension_keys,
    without_dimensions.not_a_tensor,
    without_dimensions.dynamic_flag,
    structure.number_of_parts,
    structure.number_of_dimensions,
    dims.not_a_dim,
    structure.unstated,
    structure.unknown,
)
