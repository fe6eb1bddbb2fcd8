-- The preview of an edit that the server proposes.

local M = {}

-- The label of the edits that are shown before they are applied.
M.LABEL = 'Add example inputs'

---Return an edit of a buffer as the lines of a patch.
---@param buffer integer
---@param edits lsp.TextEdit[]
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return string[]
local function patch(buffer, edits, encoding)
  local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local copy = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(copy, 0, -1, false, before)
  vim.lsp.util.apply_text_edits(edits, copy, encoding)
  local after = vim.api.nvim_buf_get_lines(copy, 0, -1, false)
  vim.api.nvim_buf_delete(copy, { force = true })
  local old, new = table.concat(before, '\n') .. '\n', table.concat(after, '\n') .. '\n'
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':.')
  local difference = vim.diff(old, new, { ctxlen = 3 }) --[[@as string]]
  return vim.split(('--- %s\n+++ %s\n%s'):format(name, name, difference), '\n', { trimempty = true })
end

---Return the edits of each file of a workspace edit, by URI.
---@param edit lsp.WorkspaceEdit
---@return table<string, lsp.TextEdit[]>
local function by_file(edit)
  local found = vim.deepcopy(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    found[change.textDocument.uri] = change.edits
  end
  return found
end

---Show lines in a window below, and return a function that closes it.
---@param lines string[]
---@return fun()
local function show(lines)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].filetype = 'diff'
  vim.bo[buffer].bufhidden = 'wipe'
  local height = math.min(#lines, math.floor(vim.o.lines / 2))
  local window = vim.api.nvim_open_win(buffer, false, { split = 'below', height = height })
  vim.cmd.redraw()
  return function()
    vim.api.nvim_win_close(window, true)
  end
end

---Apply an edit; show one with our label first, and ask.
---@type lsp.Handler
function M.apply_edit(error, params, context, config)
  local apply = vim.lsp.handlers['workspace/applyEdit']
  if not params or params.label ~= M.LABEL then
    return apply(error, params, context, config)
  end
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local lines = {}
  for uri, edits in pairs(by_file(params.edit)) do
    local buffer = vim.uri_to_bufnr(uri)
    vim.fn.bufload(buffer)
    vim.list_extend(lines, patch(buffer, edits, client.offset_encoding))
  end
  local close = show(lines)
  local answer = vim.fn.confirm('Add these example inputs?', '&Yes\n&No', 1)
  close()
  if answer ~= 1 then
    return { applied = false }
  end
  return apply(error, params, context, config)
end

return M
