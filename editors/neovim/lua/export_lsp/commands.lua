-- The subcommands of `:ExportLsp`, named as in VS Code's command palette.

local M = {}

---@class export_lsp.Command
---@field run fun(argument?: string)
---@field complete? fun(): string[] The values of its argument.

---@param name string A function of the module `export_lsp`.
---@return fun(argument?: string)
local function call(name)
  return function(argument)
    require('export_lsp')[name](argument)
  end
end

---The rules and pages that `export-lsp explain` knows.
---@return string[]
local function pages()
  local listed = vim.system({ require('export_lsp').executable(), 'explain' }, { text = true }):wait()
  local names = {}
  for line in vim.gsplit(listed.stdout or '', '\n') do
    local name = line:match('^([%l%-]+)  ')
    table.insert(names, name)
  end
  return names
end

---@type table<string, export_lsp.Command>
M.commands = {
  ['check-file'] = { run = call('check_file') },
  ['check-open-files'] = { run = call('check_open_files') },
  ['check-workspace'] = { run = call('check_workspace') },
  ['create-example-inputs'] = { run = call('create_example_inputs') },
  ['explain-rule'] = { run = call('explain_rule'), complete = pages },
  ['fix-all'] = { run = call('fix_all') },
  ['open-graph'] = { run = call('open_graph') },
  ['restart'] = { run = call('restart') },
  ['show-output'] = { run = call('show_output') },
  ['status'] = { run = call('status') },
  ['toggle-shape-hints'] = { run = call('toggle_shape_hints') },
}

---Run a subcommand.
---@param words string[] Its name and its argument.
function M.run(words)
  local command = M.commands[words[1]]
  if command then
    command.run(words[2])
    return
  end
  local names = vim.tbl_keys(M.commands)
  table.sort(names)
  local text = 'export-lsp: there is no command %s; the commands are %s'
  vim.notify(text:format(words[1], table.concat(names, ', ')), vim.log.levels.ERROR)
end

---Return the words that may stand at the end of a command line.
---@param line string
---@return string[]
function M.complete(line)
  local words = vim.split(vim.trim(line), '%s+')
  local last = line:match('%s$') and '' or table.remove(words)
  local command = M.commands[words[2]]
  local values = #words == 1 and vim.tbl_keys(M.commands)
    or command and command.complete and command.complete()
    or {}
  table.sort(values)
  return vim.tbl_filter(function(value)
    return vim.startswith(value, last)
  end, values)
end

return M
