-- :checkhealth export_lsp

local M = {}

function M.check()
  local health = vim.health
  local export_lsp = require('export_lsp')
  health.start('export-lsp')
  if vim.fn.has('nvim-0.11') == 0 then
    health.error('Neovim 0.11 or newer is needed.')
    return
  end
  health.ok('Neovim ' .. tostring(vim.version()))
  local executable = export_lsp.executable()
  if vim.fn.executable(executable) == 0 then
    health.error(('`%s` is not executable.'):format(executable), {
      'Install export-lsp, so that it is on the PATH.',
      "Or set its path: vim.lsp.config('export_lsp', { cmd = { '/path/to/export-lsp', 'server' } })",
    })
    return
  end
  local version = vim.system({ executable, '--version' }, { text = true }):wait()
  health.ok(vim.trim(version.stdout) .. ' (' .. vim.fn.exepath(executable) .. ')')
  if not vim.endswith(vim.trim(version.stdout), ' ' .. export_lsp.VERSION) then
    health.warn(('The plugin has version %s: update the older of the two.'):format(export_lsp.VERSION))
  end
  if vim.lsp.is_enabled and not vim.lsp.is_enabled('export_lsp') then
    health.warn('export-lsp is not enabled.', { "vim.lsp.enable('export_lsp')" })
  end
  local clients = vim.lsp.get_clients({ name = export_lsp.NAME })
  if #clients == 0 then
    health.info('No buffer is attached; open a Python file.')
  end
  for _, client in ipairs(clients) do
    local where = client.root_dir or 'no folder'
    local answer = client:request_sync(
      'workspace/executeCommand',
      { command = 'exportLsp.interpreters' },
      2000
    )
    for _, each in ipairs(answer and answer.result or {}) do
      local unusable = each.unusable ~= vim.NIL and each.unusable or nil
      local report = unusable and health.error or health.info
      local what = unusable or 'Interpreter'
      local considered = table.concat(each.considered, '\n  ')
      report(('%s in %s, of these:\n  %s'):format(what, each.folder, considered))
    end
    health.ok(('Attached to %d buffer(s) in %s'):format(vim.tbl_count(client.attached_buffers), where))
  end
end

return M
