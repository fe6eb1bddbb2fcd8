-- Defines the command `:ExportLsp`.  Starts nothing and maps nothing.

if vim.g.loaded_export_lsp then
  return
end
vim.g.loaded_export_lsp = true

vim.api.nvim_create_user_command('ExportLsp', function(arguments)
  require('export_lsp.commands').run(arguments.fargs)
end, {
  desc = 'Commands of export-lsp',
  nargs = '+',
  complete = function(_, line)
    return require('export_lsp.commands').complete(line)
  end,
})
