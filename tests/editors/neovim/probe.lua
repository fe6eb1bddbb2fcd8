-- Scenarios of a user's work with the plugin, in Neovim.
-- usage: nvim --clean --headless -l probe.lua PLUGIN FOLDER SECOND_FOLDER RESULTS
local plugin, folder, second, out = unpack(_G.arg)
local results = {}
local asked = {}

local function until_(what, find, milliseconds)
  local found
  local ok = vim.wait(milliseconds or 60000, function()
    found = find()
    return found
  end, 20)
  assert(ok, 'timed out waiting for ' .. what)
  return found
end

local function scenario(name, run)
  local ok, details = xpcall(run, debug.traceback)
  results[name] = { ok = ok, details = details or vim.NIL }
  local file = assert(io.open(out, 'w'))
  file:write(vim.json.encode(results))
  file:close()
end

local function open(name, where)
  vim.cmd.edit(vim.fn.fnameescape((where or folder) .. '/' .. name))
  vim.bo.filetype = 'python'
  until_('a client', function()
    local client = vim.lsp.get_clients({ name = 'export_lsp', bufnr = 0 })[1]
    return client and client.initialized and client
  end)
end

local function save()
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '# touched' })
  vim.cmd('silent write')
end

local function ours()
  return vim.tbl_filter(function(each)
    return each.source == 'export-lsp' and each.code ~= nil -- not the hint about trust
  end, vim.diagnostic.get(0))
end

local function shown()
  return until_('a diagnostic', function()
    return #ours() > 0 and ours()
  end)
end

local function none()
  until_('no diagnostic', function()
    return #ours() == 0
  end)
end

local function configure(client, name, value)
  client.settings.exportLsp[name] = value
  client:notify('workspace/didChangeConfiguration', { settings = vim.NIL })
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

vim.opt.runtimepath:prepend(plugin)
vim.cmd.runtime('plugin/export_lsp.lua')
vim.ui.select = function(items, options, choose)
  table.insert(asked, options.prompt)
  for index, item in ipairs(items) do
    if type(item) == 'table' and vim.startswith(item.title or '', 'Trust') then
      return choose(item, index)
    end
  end
  choose(items[1], 1)
end
vim.lsp.enable('export_lsp')

scenario('a folder is checked after one question about trust', function()
  open('model.py')
  save()
  shown()
  assert(#asked == 1 and asked[1]:find('Do you trust its authors'), vim.inspect(asked))
end)

scenario('a diagnostic on save, at the exact expression', function()
  local found = shown()[1]
  assert(found.code == 'data-dependent-guard', found.code)
  local line = vim.api.nvim_buf_get_lines(0, found.lnum, found.lnum + 1, false)[1]
  assert(line:sub(found.col + 1, found.end_col) == 'picked.shape[0] == 0', line)
end)

scenario('lists begin with the title, and the hover does not repeat it', function()
  local found = shown()[1]
  local title, explanation = unpack(vim.split(found.message, '\n'))
  assert(#title <= 70 and title:find('picked.shape[0] == 0', 1, true), title)
  vim.diagnostic.setloclist({ open = false })
  local listed = vim.fn.getloclist(0)[1].text
  assert(vim.startswith(listed, title), listed)
  local client = vim.lsp.get_clients({ name = 'export_lsp' })[1]
  local answer = client:request_sync('textDocument/hover', {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = found.lnum, character = found.col },
  }, 60000)
  local value = answer.result.contents.value
  assert(value:find("torch's own text", 1, true), value)
  assert(not value:find(title, 1, true) and not value:find(explanation, 1, true), value)
end)

local function verdict_is(wanted)
  until_(wanted, function()
    return require('export_lsp').statusline() == 'export-lsp: ' .. wanted
  end)
end

local EXPORTS = 'exports ✓ both modes · matches eager'

scenario('the statusline shows the verdict', function()
  verdict_is('✗ 1 problem')
  local verdict = require('export_lsp').verdict()
  assert(verdict.state == 'fails' and not verdict.outdated, vim.inspect(verdict))
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# edited' })
  verdict_is('✗ 1 problem · edited since')
  vim.api.nvim_buf_set_lines(0, 0, 1, false, {})
  verdict_is('✗ 1 problem')
end)

scenario('the workspace is listed, and a line leads to its target', function()
  vim.cmd('ExportLsp status')
  until_('the list', function()
    return text():find('  model.py  ✗ 1 problem', 1, true)
  end)
  assert(text():find('  bare.py  not checked: no example inputs', 1, true), text())
  assert(text():find('  script.py  not checked: exported by a script', 1, true), text())
  assert(text():find('  several.py  not checked: not opened yet', 1, true), text())
  local marks = vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })
  assert(#marks >= 4 and marks[1][4].hl_group, vim.inspect(marks))
  vim.fn.search('  model.py')
  vim.api.nvim_feedkeys(vim.keycode('<CR>'), 'x', false)
  assert(vim.endswith(vim.api.nvim_buf_get_name(0), 'model.py'), vim.api.nvim_buf_get_name(0))
  assert(vim.api.nvim_get_current_line():find('picked.shape[0] == 0', 1, true))
  vim.cmd.only()
end)

scenario('a changed severity takes effect at once', function()
  local client = vim.lsp.get_clients({ name = 'export_lsp' })[1]
  local function severity(wanted)
    until_('a severity', function()
      return ours()[1] and ours()[1].severity == wanted
    end)
  end
  configure(client, 'severities', { ['data-dependent-guard'] = 'hint' })
  severity(vim.diagnostic.severity.HINT)
  configure(client, 'severities', nil)
  severity(vim.diagnostic.severity.ERROR)
end)

-- Applies the code action of a diagnostic whose title begins so.
local function act(found, beginning)
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, beginning)
    end,
  })
end

scenario('the code action explains the rule', function()
  local found = shown()[1]
  act(found, 'Explain rule')
  until_('the page', function()
    return vim.bo.filetype == 'markdown' and text():find(found.code, 1, true)
  end)
  vim.cmd.close()
end)

scenario('the code action ignores the problem, at once', function()
  act(shown()[1], 'Ignore ')
  none()
  assert(vim.bo.modified)
  vim.cmd.undo()
  shown()
end)

scenario('a fix is applied, and the diagnostic disappears', function()
  local found = shown()[1]
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  until_('a fix', function()
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        return vim.endswith(action.title, ': the export succeeds')
      end,
    })
    return vim.wait(500, function()
      return text():find('torch._check(picked.shape[0] > 0)', 1, true) ~= nil
    end, 20)
  end)
  none()
  assert(vim.bo.modified)
  vim.cmd('silent write')
end)

scenario('all problems are fixed at once', function()
  open('several.py')
  shown()
  until_('all fixes', function()
    vim.cmd.ExportLsp('fix-all')
    return vim.wait(500, function()
      return select(2, text():gsub('torch%._check', '')) == 2
    end, 20)
  end)
  vim.cmd('silent write')
  none()
end)

scenario('the command shows example inputs before it adds them', function()
  open('bare.py')
  shown()
  local before, confirm, preview = text(), vim.fn.confirm, ''
  local answer = 2
  vim.fn.confirm = function()
    local window = vim.iter(vim.api.nvim_list_wins()):find(function(each)
      return vim.bo[vim.api.nvim_win_get_buf(each)].filetype == 'diff'
    end)
    preview = table.concat(
      vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false),
      '\n'
    )
    return answer
  end
  vim.cmd.ExportLsp('create-example-inputs')
  until_('a preview', function()
    return preview:find('+example_args = (torch.randn(2, 4),)', 1, true) ~= nil
  end)
  assert(text() == before, text())
  answer = 1
  vim.cmd.ExportLsp('create-example-inputs')
  until_('a declaration', function()
    return text():find('example_args = (torch.randn(2, 4),)', 1, true) ~= nil
  end)
  vim.fn.confirm = confirm
  vim.cmd('silent write')
end)

scenario('the workspace is checked, and a message sums up', function()
  local said
  local show = vim.lsp.handlers['window/showMessage']
  vim.lsp.handlers['window/showMessage'] = function(_, result)
    said = result.message
  end
  vim.cmd('ExportLsp check-workspace')
  until_('the summary', function()
    return said
  end)
  vim.lsp.handlers['window/showMessage'] = show
  assert(said:find('%d targets: .*%d export'), said)
  assert(said:find('1 file not checked: 1 exported by a script.', 1, true), said)
end)

scenario('shapes are shown and hidden', function()
  vim.fn.writefile({
    'import torch',
    'class Net(torch.nn.Module):',
    '    def forward(self, x):',
    '        scores = x @ x.T',
    '        return scores',
    'model = Net()',
    'example_args = (torch.ones(3, 4),)',
    'dynamic_shapes = {"x": {0: torch.export.Dim("rows")}}',
  }, folder .. '/shapes.py')
  open('shapes.py')
  verdict_is(EXPORTS)
  vim.cmd('ExportLsp toggle-shape-hints')
  local hints = until_('hints', function()
    local found = vim.lsp.inlay_hint.get({ bufnr = 0 })
    return #found > 1 and found
  end)
  local labels = vim.tbl_map(function(each)
    return each.inlay_hint.label
  end, hints)
  assert(vim.deep_equal(labels, { ': f32[rows, 4]', ': f32[rows, rows]' }), vim.inspect(labels))
  vim.cmd('ExportLsp toggle-shape-hints')
  assert(not vim.lsp.inlay_hint.is_enabled({ bufnr = 0 }))
end)
scenario('a graph is opened, leads to the code, and follows a save', function()
  open('shapes.py')
  vim.cmd('silent write')
  verdict_is(EXPORTS)
  vim.cmd('ExportLsp open-graph')
  local function line_with(pattern)
    if vim.api.nvim_buf_get_name(0):find('^export%-lsp%-graph:') then
      for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
        if line:find(pattern) then
          return number
        end
      end
    end
  end
  local product = until_('the graph', function()
    return line_with('aten%.matmul%(x, ')
  end)
  assert(not vim.bo.modifiable and not vim.bo.modified)
  vim.api.nvim_win_set_cursor(0, { product, 0 })
  vim.lsp.buf.definition()
  until_('the code', function()
    return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'shapes.py'
  end)
  assert(vim.api.nvim_win_get_cursor(0)[1] == 4, vim.inspect(vim.api.nvim_win_get_cursor(0)))
  local graph = vim.fn.bufnr('#')
  vim.api.nvim_buf_set_lines(0, 4, 5, false, { '        return scores.exp()' })
  vim.cmd('silent write')
  vim.cmd.buffer(graph)
  until_('the new graph', function()
    return line_with('aten%.exp%(matmul%)')
  end)
  vim.cmd.bdelete()
end)

scenario('the command explains a rule', function()
  vim.cmd('ExportLsp explain-rule data-dependent-guard')
  assert(text():find('data%-dependent%-guard'), text())
  vim.cmd.close()
end)

scenario('the commands and the rules are completed', function()
  local function completed(line)
    return vim.fn.getcompletion(line, 'cmdline')
  end
  local checks = { 'check-file', 'check-open-files', 'check-workspace' }
  assert(vim.deep_equal(completed('ExportLsp ch'), checks), vim.inspect(completed('ExportLsp ch')))
  assert(vim.deep_equal(completed('ExportLsp explain-rule graph'), { 'graph-break' }))
  assert(#completed('ExportLsp restart ') == 0)
end)

scenario('an export is checked from its lens', function()
  open('script.py')
  local lens = until_('the lens', function()
    vim.lsp.codelens.refresh({ bufnr = 0 })
    vim.wait(500)
    return vim.iter(vim.lsp.codelens.get(0)):find(function(each)
      return each.command and each.command.title == 'Check this export'
    end)
  end)
  vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, lens.range.start.character })
  vim.lsp.codelens.run()
  until_('the guard', function()
    return ours()[1] and ours()[1].code == 'data-dependent-guard'
  end)
end)

scenario('each folder is checked with its own interpreter', function()
  open('where.py', second)
  save()
  shown()
  open('where.py')
  save()
  verdict_is(EXPORTS)
  assert(#ours() == 0, vim.inspect(ours()))
end)

scenario('a changed interpreter takes effect at once', function()
  local client = vim.lsp.get_clients({ name = 'export_lsp', bufnr = 0 })[1]
  configure(client, 'interpreter', second .. '/.venv/bin/python')
  shown()
  configure(client, 'interpreter', nil)
  none()
end)

scenario('the command restarts a killed server', function()
  open('again.py')
  local before = vim.lsp.get_clients({ name = 'export_lsp' })[1]
  local own = tostring(vim.fn.getpid())
  vim.system({ 'pkill', '-KILL', '-P', own, '-f', 'export-lsp server' }):wait()
  until_('the end of the client', function()
    return before:is_stopped()
  end)
  vim.cmd.ExportLsp('restart')
  until_('another client', function()
    local client = vim.lsp.get_clients({ name = 'export_lsp', bufnr = 0 })[1]
    return client and client.initialized and client.id ~= before.id
  end)
  save()
  shown()
end)

scenario('the health check reports no problem', function()
  vim.cmd('checkhealth export_lsp')
  assert(not text():find('ERROR') and not text():find('WARNING'), text())
  assert(text():find('Attached to'), text())
  assert(text():find('.venv in the workspace folder: %S+/bin/python, used'), text())
  vim.cmd.close()
end)

scenario('the health check says which interpreters were considered', function()
  open('model.py')
  local client = vim.lsp.get_clients({ name = 'export_lsp', bufnr = 0 })[1]
  configure(client, 'interpreter', '/bin/false')
  save()
  until_('the health check', function()
    -- The message of the server that comes meanwhile counts as an error of the command.
    pcall(vim.cmd.checkhealth, 'export_lsp')
    local found = text():find('ERROR /bin/false')
      and text():find('the setting `interpreter` %(editor%): /bin/false, used')
      and text():find('.venv in the workspace folder: %S+, not used, as the setting')
    vim.cmd.close()
    return found
  end)
  configure(client, 'interpreter', nil)
end)

scenario('no error was shown', function()
  local messages = vim.fn.execute('messages')
  for line in vim.gsplit(messages, '\n') do
    local expected = line:find('quit with exit code')
      or line:find('exited with') -- the killed one
      or line:find('/bin/false')
    assert(expected or not (line:find('Error') or line:find('^E%d+:')), messages)
  end
end)

for _, client in ipairs(vim.lsp.get_clients()) do
  client:stop()
end
vim.wait(5000, function()
  return #vim.lsp.get_clients() == 0
end, 20)
vim.cmd('qall!')
