" SPDX-License-Identifier: GPL-2.0-only
au BufRead,BufNewFile /etc/zfwc/*.conf,*.zfwc setfiletype zfwc
au BufRead,BufNewFile *.conf if getline(1) =~# '^#!.*\<zfwc\>' | setfiletype zfwc | endif
