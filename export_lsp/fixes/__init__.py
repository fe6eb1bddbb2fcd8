"""From remedies to fixes: writing them as edits, and judging what a trial of the edits proved.

- `writers` turns the remedies of a finding into candidates; ``kinds/`` has one module for each
  kind of remedy, ``placement/``, ``branching/`` and ``example_inputs/`` have what they share.
- `trial` has the outcome of a check with a candidate's edits, and `proof` judges it.
- `follow_up` joins two candidates where one problem hides another, `fix_all` all fixes of a check.
- `ranking` orders the fixes of a problem.

Nothing here needs torch.  The syntax is read with Python's own `ast`, and edits replace exact
ranges of the text, so that the rest of a file stays as it is, byte for byte.
"""
