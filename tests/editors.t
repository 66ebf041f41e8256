#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# editors.t - the vim syntax knows every word of the language, the completion of
# bash offers what the commands take.
#
# As root it runs in a network namespace of its own.
if [ -z "${EDITORS_ALONE-}" ] && unshare --net true 2>/dev/null; then
	EDITORS_ALONE=1 exec unshare --net "$0" "$@"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
vim_files=$SRCDIR/doc/editors/vim
cd "$tmp" || exit 1

# ---- vim ----

# Words of the tables that 'syn keyword' doesn't have, and aren't a part of one.
words_missing() {
	sed -nE 's/^syn keyword +[A-Za-z]+ +//p' "$vim_files/syntax/zfwc.vim" | tr ' ' '\n' | sort -u >known
	sed -nE 's/^(KEYWORD|FIELD|TYPE)\([^"]*"([^"]+)".*/\2/p' "$SRCDIR"/grammar/{keywords,fields,types}.def |
		tr ' ' '\n' | grep -vxE 'esp|ah|comp|igmp|gre|redirect' | sort -u >words
	comm -13 known words >missing
	[ -s words ] && [ ! -s missing ] || {
		tr '\n' ' ' <missing
		return 1
	}
}
ok 'the vim syntax has every keyword, field and type' words_missing

# group LINE COLUMN: how vim paints that character of rules.zfwc.
cat >rules.zfwc <<'END'
table inet t { # a table
	chain c {
		type filter hook ingress device "eth0" priority 0; policy drop;
		ip saddr 10.0.0.0/8 tcp dport 22 counter accept
		ssh-local accept
		ip6 saddr fe80::1 ip daddr @bad limit rate 5/second drop
		tcp dport $ports jump d
	}
}
END
painted() {
	local expected
	cat >ask.vim <<'END'
set nocompatible
syntax on
edit rules.zfwc
set syntax=zfwc
let out = []
for at in [[1, 1], [1, 7], [1, 17], [3, 20], [3, 35], [4, 6], [4, 12], [4, 36], [5, 3], [6, 16], [6, 33], [7, 13]]
  call add(out, synIDattr(synID(at[0], at[1], 1), 'name'))
endfor
call writefile(out, 'painted')
quitall!
END
	timeout 20 vim -es -u NONE -i NONE --cmd "set runtimepath^=$vim_files" -S ask.vim </dev/null
	expected='zfwcObject zfwcFamily zfwcComment zfwcHook zfwcString zfwcField zfwcAddress zfwcStatement zfwcExtension zfwcAddress zfwcSetRef zfwcVariable'
	[ "$(tr '\n' ' ' <painted)" = "$expected " ] || {
		cat painted
		return 1
	}
}
quickfix() {
	printf 'table inet t {\n\tchain c {\n\t\ttcp dprot 22 accept\n\t}\n}\n' >bad.zfwc
	cat >make.vim <<'END'
set nocompatible
filetype plugin on
edit bad.zfwc
setfiletype zfwc
silent make!
call writefile([getqflist()[0].lnum . ' ' . getqflist()[0].col . ' ' . getqflist()[0].type], 'found')
quitall!
END
	PATH=$(dirname "$ZFWC"):$PATH timeout 20 vim -es -u NONE -i NONE --cmd "set runtimepath^=$vim_files" -S make.vim </dev/null
	[ "$(cat found)" = '3 7 e' ] || {
		cat found
		return 1
	}
}
if vim --version 2>/dev/null | grep -q '+syntax'; then
	ok 'vim paints a rule as it reads' painted
	ok 'messages land in the quickfix list' quickfix
else
	skip 'vim paints a rule as it reads' 'needs vim with syntax'
	skip 'messages land in the quickfix list' 'needs vim with syntax'
fi

# ---- bash ----

completion=/usr/share/bash-completion/bash_completion
if [ ! -r $completion ]; then
	skip 'completion' 'needs bash-completion'
	done_testing
fi
# completes WORD...: what is offered for the last word, sorted, in one line.
completes() {
	PATH=$(dirname "$ZFWC"):$PATH bash -c '
		. '$completion'
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9 COMP_KEY=9
		COMP_POINT=${#COMP_LINE}
		_zfwc
		printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "
	' bash "$SRCDIR/doc/completion/zfwc" "$@"
}
every_command() {
	local command
	for command in $("$ZFWC" --help | sed -n '/^Commands:/,/^$/ s/^  \([a-z-]*\) .*/\1/p'); do
		[[ " $(completes zfwc "")" == *" $command "* ]] || {
			echo "not offered: $command"
			return 1
		}
	done
}
offers() { # WANTED WORD...
	local wanted=$1 got
	shift
	got=$(completes "$@")
	[[ " $got" == *" $wanted "* ]] || {
		echo "offered: $got"
		return 1
	}
}
touch some.conf && mkdir folder
ok 'every command is offered' every_command
is 'a beginning narrows them' "$(completes zfwc app)" 'apply '
ok 'options of a command' offers --stats zfwc apply --s
ok 'files' offers some.conf zfwc check so
ok 'interfaces of --device' offers lo zfwc check --device ''
ok 'folders of -I' offers folder zfwc check -I ''
ok 'stages of --dump' offers listing zfwc compile --dump=
ok 'codes of -W' offers -Wno-host-bits zfwc check -Wno-h
ok 'instances' offers default zfwc --instance ''
done_testing
