-- The documents of graphs: buffers whose text the server writes.

local M = {}

local METHOD = 'exportLsp/textDocumentContent'

---Fill the buffer of a graph with the text that a client has for it.
---@param client vim.lsp.Client
---@param buffer integer
local function fill(client, buffer)
  local uri = vim.api.nvim_buf_get_name(buffer)
  client:request(METHOD, { uri = uri }, function(error, answer)
    if not vim.api.nvim_buf_is_valid(buffer) then
      return
    end
    local text = error and '# ' .. error.message or answer.text
    local lines = vim.split(vim.trim(text), '\n')
    vim.bo[buffer].modifiable = true
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
    vim.bo[buffer].modifiable = false
    vim.bo[buffer].modified = false
  end, buffer)
end

---Read the buffer of a graph: the handler of `BufReadCmd`.
---@param buffer integer
function M.read(buffer)
  local client = vim.lsp.get_clients({ name = require('export_lsp').NAME })[1]
  if client == nil then
    vim.notify('export-lsp is not running', vim.log.levels.WARN)
    return
  end
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].swapfile = false
  -- Not the file type: the buffer holds no Python file.
  vim.bo[buffer].syntax = 'python'
  vim.lsp.buf_attach_client(buffer, client.id)
  fill(client, buffer)
end

---Fill the buffer of a graph again, if there is one.
---@param client_id integer
---@param news {uri: string}
function M.renew(client_id, news)
  local client = vim.lsp.get_client_by_id(client_id)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if client and vim.api.nvim_buf_is_loaded(buffer) then
      if vim.api.nvim_buf_get_name(buffer) == news.uri then
        fill(client, buffer)
      end
    end
  end
end

return M
