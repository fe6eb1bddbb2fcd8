"""Ideas for fixing a finding, in the user's names.

A `Remedy` is a guess with reasons: `fixes/` writes it as edits and the engine proves it, so it may
be wrong.  It has to be what a careful author would do, though.  No remedy removes the code that
fails, or makes a constant of a value that depends on the data.

- ``checks/`` states conditions for ``torch._check`` that answer a data-dependent guard.
- ``dynamic_shapes`` replaces Dims, or the sizes of the example; ``dim_expressions`` writes Dims.
- ``spec_literals`` edits keys and items of the literal that dynamic_shapes is written as.
- ``example_inputs`` does the same for the example inputs.
- ``python_numbers`` keeps sizes and tensor values from becoming Python numbers.
- ``registrations`` registers classes as pytrees and adds fake kernels.
- ``from_syntax`` looks at the rule and the syntax of any finding, and ``rewrites`` is its table of
  expressions that a trace cannot see through.

The functions return remedies, the likeliest first.  They return none where the syntax is not as
they need it, and raise nothing.
"""
