---@brief
---
--- https://github.com/export-lsp/export-lsp
---
--- export-lsp runs `torch.export` on a model file on every save, and shows what stops it at the exact expressions.
---
--- Checking a file runs it: the server asks once for each folder whether you trust it.
---
--- ```sh
--- pipx install export-lsp
--- ```

---@type vim.lsp.Config
return {
  cmd = { 'export-lsp', 'server' },
  filetypes = { 'python' },
  root_markers = {
    'pyproject.toml',
    'setup.py',
    'setup.cfg',
    'requirements.txt',
    '.git',
  },
  settings = { exportLsp = vim.empty_dict() },
}
