"""Python control flow on a tensor's value, rewritten with operators that export can trace.

- `tensor_tests` finds the test that a tensor decides, `boolean_tensors` writes it as a tensor;
- `selection` writes a choice between two values with ``torch.where`` or ``torch.cond``;
- `if_rewrite` rewrites an `if` statement with it, `statement_edits` makes edits of that.
"""
