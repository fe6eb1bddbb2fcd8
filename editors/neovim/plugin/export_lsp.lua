-- Defines the command `:ExportLsp`, and reads the documents of graphs.  Starts and maps nothing.

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

vim.api.nvim_create_autocmd('BufReadCmd', {
  desc = 'The graphs of export-lsp',
  pattern = 'export-lsp-graph://*',
  group = vim.api.nvim_create_augroup('export_lsp_graphs', {}),
  callback = function(event)
    require('export_lsp.graphs').read(event.buf)
  end,
})
