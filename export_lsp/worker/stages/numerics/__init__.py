"""`run`: the exported program against eager, on the example inputs."""
