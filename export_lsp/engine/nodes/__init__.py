"""Checks on other machines, as tasks of Dask.

The command line follows a check and searches for its fixes as it does for a check of its own; each
check and each trial is a task, which yields the events of the run.

- `dask_nodes`: the client, which submits tasks
- `node`: the part that runs on the nodes, in Dask's worker processes
- `shipped_files`: the files of a workspace folder as an archive
- `moved_paths`: checks and events with the paths of another machine
"""
