-- The commands' functions, and the status for a statusline.

local M = {}

M.NAME = 'export_lsp'
M.VERSION = '0.1.0'

---@class export_lsp.Status The parameters of the notification `exportLsp/status`.
---@field health 'ok'|'warning'|'error'
---@field busy boolean
---@field message string

---@type table<integer, export_lsp.Status> The last status of each client, by its id.
local statuses = {}

---Store the status that a server has sent.
---@param client_id integer
---@param status export_lsp.Status
function M.set_status(client_id, status)
  statuses[client_id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'ExportLspStatus', data = status })
  vim.cmd.redrawstatus()
end

---Return the client of a buffer, if it has one.
---@param buffer? integer
---@return vim.lsp.Client?
local function client_of(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer or 0 })[1]
end

---Return the client of the current buffer; warn if there is none.
---@return vim.lsp.Client?
local function client_or_warn()
  local client = client_of()
  if client == nil then
    local hint = "is not attached here; is `vim.lsp.enable('export_lsp')` in your configuration?"
    vim.notify('export-lsp ' .. hint, vim.log.levels.WARN)
  end
  return client
end

---@param client vim.lsp.Client
---@param command string
---@param arguments? string[]
local function execute(client, command, arguments)
  client:request('workspace/executeCommand', { command = command, arguments = arguments or {} })
end

---Return the text for a statusline: the verdict on the buffer's file, else the state of the server.
---Empty without a client.
---@return string
function M.statusline()
  local client = client_of()
  local status = client and statuses[client.id]
  if not client then
    return ''
  end
  local verdict = require('export_lsp.verdicts').of(client)
  if verdict then
    return 'export-lsp: ' .. verdict.text
  end
  if not status then
    return 'export-lsp …'
  end
  if status.busy then
    return 'export-lsp: ' .. status.message
  end
  local marks = { ok = '', warning = ' !', error = ' ✗' }
  return 'export-lsp' .. marks[status.health]
end

---Return the verdict on a buffer's file, nil if there is none.
---@param buffer? integer
---@return export_lsp.Verdict?
function M.verdict(buffer)
  local client = client_of(buffer)
  return client and require('export_lsp.verdicts').of(client, buffer)
end

---List the verdicts on all files of the workspace.
function M.status()
  local client = client_or_warn()
  if client then
    require('export_lsp.verdicts').list(client)
  end
end

---Check all files of the workspace that declare a target; a message sums up.
function M.check_workspace()
  local client = client_or_warn()
  if client then
    vim.cmd('silent wall')
    execute(client, 'exportLsp.checkAll')
  end
end

---@param files string[] URIs; none stand for all open files.
local function check(files)
  local client = client_or_warn()
  if client then
    vim.cmd('silent update')
    execute(client, 'exportLsp.check', files)
  end
end

---Check the current buffer's file.
function M.check_file()
  check({ vim.uri_from_bufnr(0) })
end

---Check all open files.
function M.check_open_files()
  check({})
end

---Open the output of checked files.
function M.show_output()
  local client = client_or_warn()
  if client then
    execute(client, 'exportLsp.showOutput')
  end
end

---Show the shapes of tensors in the current buffer as inlay hints, or hide them.
function M.toggle_shape_hints()
  if client_or_warn() then
    local shown = vim.lsp.inlay_hint.is_enabled({ bufnr = 0 })
    vim.lsp.inlay_hint.enable(not shown, { bufnr = 0 })
  end
end

---Restart the server, also after a crash.
function M.restart()
  vim.lsp.enable(M.NAME, false)
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    client:stop(true)
    statuses[client.id] = nil
    require('export_lsp.verdicts').forget(client.id)
  end
  vim.wait(5000, function()
    return #vim.lsp.get_clients({ name = M.NAME }) == 0
  end, 20)
  vim.lsp.enable(M.NAME)
end

---Apply the proved fixes of all problems in the buffer.
function M.fix_all()
  vim.lsp.buf.code_action({
    context = { only = { 'source.fixAll.exportLsp' }, diagnostics = {} },
    apply = true,
  })
end

---Look for example inputs of the models in this file that have none.
function M.create_example_inputs()
  local client = client_or_warn()
  if client then
    vim.cmd('silent update')
    execute(client, 'exportLsp.exampleInputs', { vim.uri_from_bufnr(0) })
  end
end

---Open the graph of the first target in this file.
function M.open_graph()
  local client = client_or_warn()
  if client then
    execute(client, 'exportLsp.openGraph', { vim.uri_from_bufnr(0) })
  end
end

---Show the page of a rule, by default that of the problem in the cursor's line.
---@param rule? string A rule, or another page that `export-lsp explain` prints.
function M.explain_rule(rule)
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
  local result = vim.system(command, { text = true }):wait()
  if result.code ~= 0 then
    vim.notify(vim.trim(result.stderr), vim.log.levels.ERROR)
    return
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(result.stdout, '\n'))
  vim.bo[buffer].filetype = 'markdown'
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.cmd.sbuffer(buffer)
end

---Return the executable that starts the server.
---@return string
function M.executable()
  local cmd = vim.lsp.config[M.NAME].cmd
  return type(cmd) == 'table' and cmd[1] or 'export-lsp'
end

return M
