-- Defines the commands.  Starts nothing and maps nothing.

if vim.g.loaded_export_lsp then
  return
end
vim.g.loaded_export_lsp = true

---@param name string
---@param description string
---@param run fun(arguments: vim.api.keyset.create_user_command.command_args)
---@param options? vim.api.keyset.user_command
local function command(name, description, run, options)
  options = vim.tbl_extend('force', { desc = description }, options or {})
  vim.api.nvim_create_user_command(name, run, options)
end

command('ExportLspCheck', 'Check this file, or with ! all open files', function(arguments)
  require('export_lsp').check(arguments.bang)
end, { bang = true })
command('ExportLspRestart', 'Restart the server', function()
  require('export_lsp').restart()
end)
command('ExportLspOutput', 'Open the output of checked files', function()
  require('export_lsp').output()
end)
command('ExportLspFixAll', 'Apply the proved fixes of this file', function()
  require('export_lsp').fix_all()
end)
command('ExportLspExampleInputs', 'Declare example inputs for the model of this file', function()
  require('export_lsp').example_inputs()
end)
command('ExportLspExplain', 'Explain a rule, or the problem in this line', function(arguments)
  require('export_lsp').explain(arguments.fargs[1])
end, { nargs = '?' })
