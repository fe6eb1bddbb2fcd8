"""Example inputs for a model that declares none, guessed from the syntax of its file.

- `constructor` finds or writes a call that makes the model;
- `inputs` writes an expression for each parameter of `forward`, from its annotation
  (`annotations`), the first layer that takes it (`layers`), or its name;
- `model_classes` and `static_values` evaluate the classes and constants of the file for both;
- `import_effects` says whether the file may be run to try the guess.
"""
