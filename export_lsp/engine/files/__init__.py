"""Files on disk: their content, the meaning of missing ones, and the place of ours."""
