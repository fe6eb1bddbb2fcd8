"""What a model does in eager on its example inputs.

Export traces without data; where it has to know something that only data tells, or cannot trace
an expression at all, what eager saw there is the answer that keeps the trace on the example's way.
"""
