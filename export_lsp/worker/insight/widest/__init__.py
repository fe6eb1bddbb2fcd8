"""The widest ``dynamic_shapes`` that a model exports with.

Export finds out itself which sizes can vary if all are declared with ``Dim.AUTO``.  The result is
written with named Dims, and proved by exporting with that text.
"""
