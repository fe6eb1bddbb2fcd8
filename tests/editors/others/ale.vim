" ALE, set up by the snippet: open, save, wait, write the diagnostics shown.
" usage: vim -Nu NONE -es -S ale.vim, with $PROBE_SNIPPET, $PROBE_FILE and $PROBE_RESULTS
set hidden nomore noswapfile
set runtimepath^=/usr/share/vim-ale
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_linters = {'python': ['export_lsp']}
runtime plugin/ale.vim
source $PROBE_SNIPPET

function! s:until(find) abort
  for l:attempt in range(600)
    let l:found = a:find()
    if !empty(l:found)
      return l:found
    endif
    sleep 100m
  endfor
  return []
endfunction

execute 'edit' fnameescape($PROBE_FILE)
set filetype=python
call append('$', '# touched')
write
let s:found = s:until({-> filter(copy(ale#engine#GetLoclist(bufnr('%'))), {_, each -> has_key(each, 'code')})})
let s:shown = []
for s:each in s:found
  let s:line = getline(s:each.lnum)
  call add(s:shown, [strpart(s:line, s:each.col - 1, s:each.end_col - s:each.col + 1), s:each.text])
endfor
call writefile([json_encode({'diagnostics': s:shown})], $PROBE_RESULTS)
qall!
