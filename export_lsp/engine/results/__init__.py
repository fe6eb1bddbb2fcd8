"""The results of checks, by the file that was checked, and where they lie in edited text.

- `applied`: fixes that are in the current text already
- `anchored`: a value with the places it is about, and the text that those places refer to
- `kinds`: how findings and fixes are identified, moved and encoded
- `line_remapping`: places found again after edits in the editor
- `owner_result`: the results of one file's checks
- `store`: the results of a workspace folder
"""
