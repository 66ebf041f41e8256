" SPDX-License-Identifier: GPL-2.0-only
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=b:# commentstring=#\ %s
setlocal noexpandtab shiftwidth=0 tabstop=8
setlocal iskeyword+=-
" :make checks the file; errors go into the quickfix list, their notes with them.
setlocal makeprg=zfwc\ check\ %:S
setlocal errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#
" gq with a motion over the whole file: gggqG
setlocal formatprg=zfwc\ fmt\ -

let b:undo_ftplugin = 'setlocal comments< commentstring< expandtab< shiftwidth< tabstop< iskeyword< makeprg< errorformat< formatprg<'
