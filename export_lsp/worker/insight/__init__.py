"""Shapes of the values in a trace, in the user's names, and the sizes and cost of its program.

- `noted_places`: the user's functions, compiled so that they note the values in them
- `live_functions`: finds those functions without searching all objects
- `trace_notes`: the sizes that were noted in one trace
- `node_notes`: the same, as far as the nodes of a program tell
- `size_names`: the user's names of symbolic sizes
- `tensor_types`: a dtype and sizes as text
- `values`: the notes of a trace as values of the protocol
- `dims`: the sizes that a program accepts
- `operators`: the operators that expressions became
- `graph_text`, `graph_origins`: the graph of a program as text, and the code that it comes from
- `flop_counts`, `costs`: the operations, parameters and bytes of modules
"""
