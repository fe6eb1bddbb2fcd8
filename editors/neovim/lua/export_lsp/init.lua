-- What the commands do, and the state that a statusline shows.

local M = {}

M.NAME = 'export_lsp'

---@class export_lsp.Status What the server sends as `exportLsp/status`.
---@field health 'ok'|'warning'|'error'
---@field busy boolean
---@field message string

---@type table<integer, export_lsp.Status> By the client's id.
local states = {}

---Keep what a server says of itself.
---@param client_id integer
---@param status export_lsp.Status
function M.note(client_id, status)
  states[client_id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'ExportLspStatus', data = status })
  vim.cmd.redrawstatus()
end

---The client of a buffer.
---@param buffer? integer
---@return vim.lsp.Client?
local function client_of(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer or 0 })[1]
end

---The client of the current buffer; says so if there is none.
---@return vim.lsp.Client?
local function needed()
  local client = client_of()
  if client == nil then
    local hint = "is not attached here; is `vim.lsp.enable('export_lsp')` in your configuration?"
    vim.notify('export-lsp ' .. hint, vim.log.levels.WARN)
  end
  return client
end

---For a statusline: what is being done, or how it went; empty where there is no export-lsp.
---@return string
function M.statusline()
  local client = client_of()
  local status = client and states[client.id]
  if not client then
    return ''
  end
  if not status then
    return 'export-lsp …'
  end
  if status.busy then
    return 'export-lsp: ' .. status.message
  end
  local marks = { ok = '✓', warning = '!', error = '✗' }
  return 'export-lsp ' .. marks[status.health]
end

---@param client vim.lsp.Client
---@param command string
---@param arguments? string[]
local function execute(client, command, arguments)
  client:request('workspace/executeCommand', { command = command, arguments = arguments or {} })
end

---Check the current buffer's file, or all open ones.
---@param all boolean
function M.check(all)
  local client = needed()
  if client then
    vim.cmd('silent update')
    execute(client, 'exportLsp.check', all and {} or { vim.uri_from_bufnr(0) })
  end
end

---Open what checked files have printed.
function M.output()
  local client = needed()
  if client then
    execute(client, 'exportLsp.showOutput')
  end
end

---Start the server anew; also after it has died.
function M.restart()
  vim.lsp.enable(M.NAME, false)
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    client:stop(true)
    states[client.id] = nil
  end
  vim.wait(5000, function()
    return #vim.lsp.get_clients({ name = M.NAME }) == 0
  end, 20)
  vim.lsp.enable(M.NAME)
end

---Apply what fixes all problems of the buffer.
function M.fix_all()
  vim.lsp.buf.code_action({
    context = { only = { 'source.fixAll.exportLsp' }, diagnostics = {} },
    apply = true,
  })
end

---Declare example inputs for a model that has none.
function M.example_inputs()
  local hint = vim.iter(vim.diagnostic.get(0)):find(function(each)
    return each.source == 'export-lsp' and each.code == 'no-target'
  end)
  if not hint then
    vim.notify('export-lsp: this file has no model without example inputs', vim.log.levels.INFO)
    return
  end
  vim.api.nvim_win_set_cursor(0, { hint.lnum + 1, hint.col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, 'Declare example inputs')
    end,
  })
end

---Show the page of a rule, by default of the problem under the cursor.
---@param rule? string
function M.explain(rule)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, each in ipairs(vim.diagnostic.get(0, { lnum = line })) do
    if not rule and each.source == 'export-lsp' then
      rule = tostring(each.code)
    end
  end
  local command = { M.executable(), 'explain' }
  if rule then
    table.insert(command, rule)
  end
  local said = vim.system(command, { text = true }):wait()
  if said.code ~= 0 then
    vim.notify(vim.trim(said.stderr), vim.log.levels.ERROR)
    return
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(said.stdout, '\n'))
  vim.bo[buffer].filetype = 'markdown'
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.cmd.sbuffer(buffer)
end

---The command that starts export-lsp.
---@return string
function M.executable()
  local cmd = vim.lsp.config[M.NAME].cmd
  return type(cmd) == 'table' and cmd[1] or 'export-lsp'
end

return M
