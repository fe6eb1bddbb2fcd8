"""The uses of models in the code of a project, as far as its syntax tells.

- `scopes` finds the bindings and the calls of every scope of a file, and `project` those of all
  files, by name;
- `expressions` follows names to what they are bound to, until an expression is left that can be
  evaluated anywhere, with the help of `samples` (what a loader yields), `tensors` (a batch or an
  item of a tensor) and `options` (command-line arguments, configuration files);
- `uses` finds the calls that make the models of a class, and the calls of these models.
"""
