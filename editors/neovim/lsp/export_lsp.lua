-- The configuration that `vim.lsp.enable('export_lsp')` uses.  Override it with
-- `vim.lsp.config('export_lsp', {…})`.

---@type vim.lsp.Config
return {
  cmd = { 'export-lsp', 'server' },
  filetypes = { 'python' },
  root_markers = { { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt' }, '.git' },
  -- The settings of pyproject.toml's [tool.export-lsp], in camelCase; they override it.
  settings = { exportLsp = vim.empty_dict() },
  capabilities = { experimental = { exportLsp = { graphs = true } } },
  commands = {
    -- The code action "Explain rule": the server would open the page as a file.
    ['exportLsp.explain'] = function(command)
      require('export_lsp').explain_rule(command.arguments[1])
    end,
  },
  handlers = {
    ---@param status export_lsp.Status
    ['exportLsp/status'] = function(_, status, context)
      require('export_lsp').set_status(context.client_id, status)
    end,
    ---@param news export_lsp.VerdictNews
    ['$/exportLsp/verdict'] = function(_, news, context)
      require('export_lsp.verdicts').take(context.client_id, news)
    end,
    ---@param news {uri: string}
    ['$/exportLsp/graphChanged'] = function(_, news, context)
      require('export_lsp.graphs').renew(context.client_id, news)
    end,
    ['workspace/applyEdit'] = function(...)
      return require('export_lsp.preview').apply_edit(...)
    end,
  },
}
