"""Early findings: after an edit of a submodule's class that submodule is traced alone.

A run notes what the submodules were called with (`calls.py`).  The next edit of their functions is
looked at with these inputs (`look.py`), in a process beside the run that traces the whole model
(`snapshot_host.py`); what is found is shown until that run has had its say.
"""
