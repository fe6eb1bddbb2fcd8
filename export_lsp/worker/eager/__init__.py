"""Run a model in eager mode on its example inputs, to answer the questions of a trace.

Export traces without data.  Where it needs a value that only data determines, or cannot trace an
expression, the value from eager mode lets the trace go on along the example's path.
"""
