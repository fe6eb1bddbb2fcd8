-- The verdicts that servers send, and the buffer that lists those of the workspace.

local M = {}

---@class export_lsp.Verdict Whether a file, or one of its targets, exports.
---@field name string
---@field state string
---@field text string
---@field outdated boolean
---@field details { label: string, text: string }[]
---@field location lsp.Location?
---@field uri? string of a file
---@field targets? export_lsp.Verdict[] of a file

---@class export_lsp.VerdictNews The parameters of the notification `$/exportLsp/verdict`.
---@field uri string
---@field verdict export_lsp.Verdict?

-- The highlight group of each state.
local HIGHLIGHTS = {
  exports = 'DiagnosticOk',
  warns = 'DiagnosticWarn',
  fails = 'DiagnosticError',
  ignored = 'Comment',
  unknown = 'DiagnosticInfo',
  unchecked = 'Comment',
  unable = 'DiagnosticError',
  checking = 'Comment',
}
local NAMESPACE = vim.api.nvim_create_namespace('export_lsp.verdicts')

---@type table<integer, table<string, export_lsp.Verdict>> By the id of a client and a URI.
local known = {}

---Store the verdict on a file that a server has sent.
---@param client_id integer
---@param news export_lsp.VerdictNews
function M.take(client_id, news)
  known[client_id] = known[client_id] or {}
  local verdict = news.verdict ~= vim.NIL and news.verdict or nil
  known[client_id][news.uri] = verdict
  vim.api.nvim_exec_autocmds('User', { pattern = 'ExportLspVerdict', data = news })
  vim.cmd.redrawstatus()
end

---Forget the verdicts of a server that has ended.
---@param client_id integer
function M.forget(client_id)
  known[client_id] = nil
end

---Return the verdict on a buffer's file, nil if there is none.
---@param client vim.lsp.Client
---@param buffer? integer
---@return export_lsp.Verdict?
function M.of(client, buffer)
  return (known[client.id] or {})[vim.uri_from_bufnr(buffer or 0)]
end

---@class export_lsp.Row A line of the list: its text, its verdict, and where it leads.
---@field text string
---@field verdict export_lsp.Verdict?
---@field file string?

---@param result { summary: string, folders: { name: string, files: export_lsp.Verdict[] }[] }
---@return export_lsp.Row[]
local function rows_of(result)
  local rows = { { text = result.summary } }
  for _, folder in ipairs(result.folders) do
    vim.list_extend(rows, { { text = '' }, { text = folder.name } })
    for _, file in ipairs(folder.files) do
      local text = ('  %s  %s'):format(file.name, file.text)
      table.insert(rows, { text = text, verdict = file, file = file.uri })
      for _, target in ipairs(#file.targets > 1 and file.targets or {}) do
        text = ('    %s  %s'):format(target.name, target.text)
        table.insert(rows, { text = text, verdict = target, file = file.uri })
      end
    end
  end
  return rows
end

---@param client vim.lsp.Client
---@param row export_lsp.Row
local function jump(client, row)
  if not row.file then
    return
  end
  local start = { line = 0, character = 0 }
  local place = row.verdict.location
  if not place or place == vim.NIL then
    place = { uri = row.file, range = { start = start, ['end'] = start } }
  end
  vim.cmd.wincmd('p')
  vim.lsp.util.show_document(place, client.offset_encoding, { focus = true })
end

---@param client vim.lsp.Client
---@param rows export_lsp.Row[]
local function show(client, rows)
  local buffer = vim.api.nvim_create_buf(false, true)
  local lines = vim.tbl_map(function(row)
    return row.text
  end, rows)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  for number, row in ipairs(rows) do
    if row.verdict then
      local column = #row.text - #row.verdict.text
      local group = HIGHLIGHTS[row.verdict.state]
      local mark = { end_col = #row.text, hl_group = group }
      vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, number - 1, column, mark)
    end
  end
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = 'exportlsp'
  vim.keymap.set('n', '<CR>', function()
    jump(client, rows[vim.api.nvim_win_get_cursor(0)[1]])
  end, { buffer = buffer, desc = 'Go to the target in this line' })
  vim.keymap.set('n', 'K', function()
    local row = rows[vim.api.nvim_win_get_cursor(0)[1]]
    local details = row.verdict and row.verdict.details or {}
    local shown = vim.tbl_map(function(each)
      return each.label .. ': ' .. each.text
    end, details)
    if #shown > 0 then
      vim.lsp.util.open_floating_preview(shown, 'markdown', { border = 'single' })
    end
  end, { buffer = buffer, desc = 'Show the details of this line' })
  vim.cmd.sbuffer(buffer)
end

---List the verdicts on all files of the workspace in a new window.
---@param client vim.lsp.Client
function M.list(client)
  client:request('exportLsp/verdicts', vim.empty_dict(), function(error, result)
    if error then
      vim.notify('export-lsp: ' .. error.message, vim.log.levels.ERROR)
    else
      show(client, rows_of(result))
    end
  end)
end

return M
