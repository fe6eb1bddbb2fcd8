-- The configuration for nvim-lspconfig, without the plugin: open, save, write the diagnostics.
-- usage: nvim --clean --headless -l index.lua, with PROBE_SNIPPET (a file with the path of the folder
-- that has lsp/), PROBE_FILE and PROBE_RESULTS
local function until_(what, find)
  local found
  local ok = vim.wait(60000, function()
    found = find()
    return found
  end, 20)
  assert(ok, 'timed out waiting for ' .. what)
  return found
end

vim.opt.runtimepath:prepend(vim.fn.readfile(vim.env.PROBE_SNIPPET)[1])
vim.ui.select = function(items, _, choose)
  for index, item in ipairs(items) do
    if vim.startswith(item.title or '', 'Trust') then
      return choose(item, index)
    end
  end
end
vim.lsp.enable('export_lsp')
vim.cmd.edit(vim.fn.fnameescape(vim.env.PROBE_FILE))
vim.bo.filetype = 'python'
until_('a client', function()
  local client = vim.lsp.get_clients({ name = 'export_lsp', bufnr = 0 })[1]
  return client and client.initialized
end)
vim.api.nvim_buf_set_lines(0, -1, -1, false, { '# touched' })
vim.cmd('silent write')
local found = until_('a diagnostic', function()
  local ours = vim.tbl_filter(function(each)
    return each.code ~= nil
  end, vim.diagnostic.get(0))
  return #ours > 0 and ours
end)
local diagnostics = vim.tbl_map(function(each)
  local text = vim.api.nvim_buf_get_text(0, each.lnum, each.col, each.end_lnum, each.end_col, {})
  return { table.concat(text, '\n'), each.message }
end, found)
local file = assert(io.open(vim.env.PROBE_RESULTS, 'w'))
file:write(vim.json.encode({ diagnostics = diagnostics, actions = vim.empty_dict() }))
file:close()
vim.cmd('qall!')
