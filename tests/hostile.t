#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hostile.t - files that want to hang, crash or flood: each ends soon, with a
# message that fits on a screen.
#
# The time limit only tells "soon" from "never"; memory is limited as well.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
command -v perl >/dev/null || skip_all 'needs perl'
cd "$tmp" || exit 1
limit=60		# seconds
memory=4194304		# kilobytes

# bounded ARGUMENT...: zfwc check within the limits; out and err are its outputs.
bounded() {
	(
		ulimit -v $memory
		exec timeout -k 1 $limit "$ZFWC" check "$@" </dev/null
	) >out 2>err
}

# Sanitizers reserve more memory than any limit allows.
if nm "$ZFWC" 2>/dev/null | grep -q __asan_init; then
	memory=unlimited
fi

# refused CODE FILE...: status 1, with an error of this code, in at most 20 kB.
refused() {
	local code=$1 status
	shift
	bounded "$@"
	status=$?
	if [ $status = 1 ] && grep -qE "error: .*\[$code\]$|^zfwc: [^ ]+:[0-9]+: " err && [ "$(wc -c <err)" -lt 20000 ]; then
		return 0
	fi
	echo "status $status, $(wc -c <err) bytes of messages:"
	head -c 2000 err
	return 1
}

accepted() {
	bounded "$@" && return
	head -c 2000 err
	return 1
}

# make FILE PERL: what the program prints, within a chain if it begins with '+'.
make_file() {
	local file=$1 program=$2
	case $program in
	+*)
		{
			printf 'table inet t {\nchain c {\ntype filter hook ingress device "lo" priority 0\n'
			perl -e "${program#+}"
			printf '\n}\n}\n'
		} >"$file"
		;;
	*) perl -e "$program" >"$file" ;;
	esac
}

# bad CODE NAME PERL, good NAME PERL
bad() {
	make_file "$tmp/f.conf" "$3"
	ok "refused: $2" refused "$1" f.conf
}

good() {
	make_file "$tmp/f.conf" "$2"
	ok "accepted: $1" accepted f.conf
}

# ---- depth ----
bad '[a-z-]+' '100 000 open braces in a set' '+print "ip saddr ", "{ " x 1e5'
bad '[a-z-]+' '100 000 braces around an address' '+print "ip saddr ", "{ " x 1e5, "10.0.0.1", " }" x 1e5, " drop"'
bad '[a-z-]+' '100 000 parentheses' '+print "meta mark ", "(" x 1e5, "1", ")" x 1e5, " drop"'
bad '[a-z-]+' '100 000 tables within one another' 'print "table inet t {\n" x 1e5'
bad '[a-z-]+' 'a concatenation of 100 000 parts' '+print join(" . ", ("ip saddr") x 1e5), " { 1.1.1.1 } drop"'
bad '[a-z-]+' 'a chain of 100 000 masks' '+print "meta mark ", "& 1 " x 1e5, "== 1 foo"'
good 'a chain of ten variables' \
	'print "define a0 = 1\n"; printf "define a%d = \$a%d\n", $_, $_ - 1 for 1 .. 9; print "table ip t { chain c {\n tcp dport \$a9\n }\n}\n"'
bad '[a-z-]+' 'a chain of 100 000 variables' \
	'print "define a0 = 1\n"; printf "define a%d = \$a%d\n", $_, $_ - 1 for 1 .. 1e5; print "table ip t { chain c { tcp dport \$a100000\n }\n}\n"'

# ---- size ----
bad '[a-z-]+' 'a million errors' '+print "tcp dport nonsense drop\n" x 1e6'
bad '[a-z-]+' 'a million syntax errors' 'print "} { ;\n" x 1e6'
bad '[a-z-]+' 'an identifier of a megabyte' '+print "jump ", "x" x 1e6'
bad '[a-z-]+' 'a number of a million digits' '+print "tcp dport ", "9" x 1e6'
bad '[a-z-]+' 'a string of ten megabytes without an end' '+print "iifname \"", "y" x 1e7'
bad '[a-z-]+' 'a comment statement of a megabyte' '+print "accept comment \"", "y" x 1e6, "\""'
good 'ten megabytes of comments' 'print "table ip t { }\n# ", "c" x 1e7, "\n"'
good 'a million empty lines' 'print "table ip t { }\n"; print "\n" x 1e6'
good 'a hundred thousand chains' 'print "table ip t {\n"; print "chain c$_ { }\n" for 1 .. 1e5; print "}\n"'
good 'a hundred thousand tables' 'print "table ip t$_ { }\n" for 1 .. 1e5'
good 'one chain opened a hundred thousand times' \
	'print "table ip t {\n chain c { ip saddr 10.0.0.1 accept\n }\n }\n" x 1; print "table ip t {\n chain c {\n tcp dport 1 accept\n }\n}\n" x 1e5'
good 'a hundred thousand sets, each used' \
	'print "table ip t {\n"; print "set s$_ { type ipv4_addr; }\n" for 1 .. 1e5; print "chain c {\n"; print "ip saddr \@s$_ drop\n" for 1 .. 1e5; print "}\n}\n"'

# ---- products ----
bad '[a-z-]+' 'variables that double twenty times' \
	'print "define a0 = { 1, 2 }\n"; printf "define a%d = { \$a%d, \$a%d }\n", $_, $_ - 1, $_ - 1 for 1 .. 30; print "table ip t { chain c { tcp dport \$a30\n }\n}\n"'
bad '[a-z-]+' 'jumps that double sixteen times' \
	'print "table ip t {\n"; print "chain c16 { counter\n }\n"; for $i (reverse 0 .. 15) { printf "chain c%d {\n%s%s}\n", $i, ("jump c" . ($i + 1) . "\n") x 60; } print "chain b { type filter hook prerouting priority 0\n jump c0\n }\n}\n"'
bad '[a-z-]+' 'a jump to itself' 'print "table ip t {\nchain c {\njump c\n}\nchain b { type filter hook prerouting priority 0\njump c\n}\n}\n"'
good 'every port but one' '+print "tcp dport != 5 drop\n"'
bad '[a-z-]+' 'a range far beyond the ports' '+print "tcp dport 0-4294967296 drop\n"'
good 'a range of all addresses' '+print "ip saddr 0.0.0.0-255.255.255.255 ip6 daddr != ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff drop\n" =~ s/ip6.*drop/drop/r'

# ---- includes ----
echo 'include "./self.conf"' >self.conf
ok 'refused: a file that includes itself' refused '[a-z-]+' self.conf
mkdir -p glob && echo 'include "./glob/*.conf"' >glob/a.conf
ok 'refused: a glob that includes itself' refused '[a-z-]+' glob/a.conf
perl -e 'for (0 .. 1000) { open(F, ">", "deep$_.conf"); print F "include \"./deep", $_ + 1, ".conf\"\n" }'
ok 'refused: a thousand files, each including the next' refused '[a-z-]+' deep0.conf
echo 'define x = 1' >one.conf
perl -e 'print "include \"./one.conf\"\nundefine x\n" x 1e5' >many.conf
ok 'answered: a hundred thousand includes' eval 'accepted many.conf || refused "[a-z-]+" many.conf'
mkfifo pipe
ok 'refused: a directory' eval '! bounded . && [ -s err ]'
perl -e 'print "include \"/dev/zero\"\n"' >zero.conf
ok 'refused: a device without an end' refused '[a-z-]+' zero.conf

# ---- bytes ----
bad '[a-z-]+' 'NUL bytes' '+print "ip saddr 10.0.0.1\0 drop\n"'
bad '[a-z-]+' 'bytes that are no UTF-8' '+print "ip saddr \xff\xfe drop\n"'
bad '[a-z-]+' 'a byte order mark' 'print "\xef\xbb\xbftable ip t { }\n"'
bad '[a-z-]+' 'a megabyte of random bytes' 'srand(7); print map { chr(rand 256) } 1 .. 1e6'
bad '[a-z-]+' 'a megabyte of random signs' 'srand(8); my @s = split //, "{};,:=/&|^!().-+*[]@\$<> \n"; print map { $s[rand @s] } 1 .. 1e6'

# One bad token in a line of 170 kB: a line of the screen, not the line.
perl -e 'print "table inet t {\nchain c {\nip saddr { ", join(", ", map { "10.0." . int($_ / 256) . "." . $_ % 256 } 1 .. 12000), ", 10.0.0.999 } drop\n}\n}\n"' >line.conf
short_message() {
	refused '[a-z-]+' line.conf && awk 'length > 200 { print; exit 1 }' err
}
ok 'a bad token in a line of 170 kB costs a line of the screen' short_message

# ---- commands ----
good 'a hundred thousand commands' \
	'print "add table ip t\nadd chain ip t c\n"; print "add rule ip t c ip saddr 10.0.0.1 drop\n" for 1 .. 1e5'
good 'fifty thousand rules inserted and deleted by handle' \
	'print "add table ip t\nadd chain ip t c\n"; print "insert rule ip t c ip saddr 10.0.0.1 drop\n" for 1 .. 5e4; print "delete rule ip t c handle ", $_ + 1, "\n" for 1 .. 5e4'
good 'a hundred thousand elements, one command each' \
	'print "add table ip t\nadd set ip t s { type inet_service; }\n"; print "add element ip t s { ", 1 + $_ % 65535, " }\n" for 1 .. 1e5'
done_testing
