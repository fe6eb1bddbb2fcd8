-- What `vim.lsp.enable('export_lsp')` starts.  Change it with `vim.lsp.config('export_lsp', {…})`.

---@type vim.lsp.Config
return {
  cmd = { 'export-lsp', 'server' },
  filetypes = { 'python' },
  root_markers = { { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt' }, '.git' },
  -- The options of pyproject.toml's [tool.export-lsp], in camelCase; they win over it.
  settings = { exportLsp = vim.empty_dict() },
  handlers = {
    ---@param status export_lsp.Status
    ['exportLsp/status'] = function(_, status, context)
      require('export_lsp').note(context.client_id, status)
    end,
  },
}
