"""What a model does in eager mode on its example inputs.

Export traces without data.  Where it needs a value that only data determines, or cannot trace an
expression, the value from eager mode lets the trace go on along the example's path.
"""
