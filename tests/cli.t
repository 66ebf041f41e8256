#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# cli.t - the command line: what needs neither root nor a kernel.
#
# As root it runs in a network namespace of its own, and its rules are for an
# interface that doesn't exist: whatever a command does by mistake, the machine's
# own interfaces are out of reach.
if [ -z "${CLI_ALONE-}" ] && unshare --net true 2>/dev/null; then
	CLI_ALONE=1 exec unshare --net "$0" "$@"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$tmp" || exit 1

rules() {
	ruleset "$1" zfwc-none0
}

# says STATUS REGEX COMMAND...: it ends so, prints one line on standard error
# that matches, and nothing else.
says() {
	local wanted=$1 regex=$2
	shift 2
	ends "$wanted" "$@" >stdout 2>stderr
	local bad=$?
	cat stdout stderr
	[ $bad = 0 ] && [ ! -s stdout ] && [ "$(wc -l <stderr)" = 1 ] && grep -qE -- "$regex" stderr
}

# blames REGEX COMMAND...: it ends with 1 and exactly one located error, with its line and caret, that matches.
blames() {
	local regex=$1
	shift
	ends 1 "$@" >stdout 2>stderr
	local bad=$?
	cat stdout stderr
	[ $bad = 0 ] && [ ! -s stdout ] && [ "$(grep -cE '^.+:[0-9]+:[0-9]+: error: ' stderr)" = 1 ] &&
		grep -qE -- "$regex" stderr && grep -qE '^[[:space:]]*\^~*$' stderr
}

silent() {
	"$@" >stdout 2>stderr || {
		cat stderr
		return 1
	}
	cat stdout stderr
	[ ! -s stdout ] && [ ! -s stderr ]
}

rules 'tcp dport 22 accept' >good.conf
rules 'tcp dport 99999 accept' >bad.conf
rules 'udp dport 53 accept' >other.conf

# ---- commands and options ----

ok 'check of a good file says nothing' silent "$ZFWC" check good.conf
ok 'check takes several files' silent "$ZFWC" check good.conf other.conf
ok 'a bad one among them is found' blames 'bad.conf:4:' "$ZFWC" check good.conf bad.conf other.conf
ok 'no command' says 1 "no command; see 'zfwc --help'" "$ZFWC"
ok 'monitor: a level that is none' says 2 "'--level loud': levels are emerg, " "$ZFWC" monitor --level loud
ok 'monitor: a count of nothing' says 2 "'--count 0' isn't a number of packets" "$ZFWC" monitor --count 0
ok 'monitor: a time that is none' says 2 "'--timeout soon' isn't a time" "$ZFWC" monitor --timeout soon
ok 'a misspelt command gets a suggestion' says 1 "no command 'aply'; did you mean 'apply'\?" "$ZFWC" aply good.conf
ok 'a file in place of a command' says 1 "to apply that file: 'zfwc apply good.conf'" "$ZFWC" good.conf
ok 'a misspelt option gets a suggestion' says 1 "did you mean '--includepath'\?" "$ZFWC" check --includepaht . good.conf
ok 'an unknown letter' says 1 "no option '-Q'" "$ZFWC" check -Q good.conf
ok 'an option without its value' says 1 "'--dump' needs STAGE" "$ZFWC" compile good.conf --dump
ok 'a value too many' says 1 "'--stats' takes no value" "$ZFWC" check --stats=3 good.conf
ok "another command's option" says 1 "check takes no option '--maps'" "$ZFWC" check --maps good.conf
ok 'diff reports usage errors with 2' says 2 "takes no option '--handle'" "$ZFWC" diff -a good.conf
ok 'diff reports unknown options with 2' says 2 "no option '--bogus'" "$ZFWC" diff --bogus good.conf
ok '--maps is for a dry run' says 1 "only with '--dry-run'" "$ZFWC" apply --maps missing.conf
ok 'a missing argument' says 1 'check needs FILE' "$ZFWC" check
ok 'an argument too many' says 1 "'other.conf' is one argument too many" "$ZFWC" apply missing.conf other.conf
ok '-D without a value' says 1 "'-D x' isn't NAME=VALUE" "$ZFWC" check -D x good.conf
ok '--help names the commands' is_like "$("$ZFWC" --help)" '^  apply '
ok '--help of a command shows its options' is_like "$("$ZFWC" diff --help)" '^  +--maps '
ok '--version' is_like "$("$ZFWC" -V)" '^zfwc [0-9]+\.[0-9]'
ok 'output that cannot be written is an error' ends 2 sh -c "'$ZFWC' --help >/dev/full"

# ---- nft's habits ----

ok '-c -f checks' silent "$ZFWC" -c -f good.conf
ok '-c -f finds errors' blames 'bad.conf:4:' "$ZFWC" -cf bad.conf
ok 'a command behind -f' says 1 "-f stands for a command" "$ZFWC" -f good.conf list
ok 'list of something else' says 1 "no 'tables'" "$ZFWC" list tables
{
	echo "#!$ZFWC -cf"
	cat good.conf
} >script
chmod +x script
ok 'a file runs itself' silent ./script

# ---- where text comes from ----

ok 'standard input as -' silent sh -c "'$ZFWC' check - <good.conf"
ok 'standard input as /dev/stdin' silent sh -c "'$ZFWC' check /dev/stdin <good.conf"
ok 'a pipe by its name' silent bash -c "'$ZFWC' check <(cat good.conf)"
ok 'errors of standard input' blames '^<stdin>:4:' sh -c "'$ZFWC' check - <bad.conf"

mkdir -p inc/sub more/zone.conf
echo 'define port = 22' >inc/port.conf
echo 'define other = 23' >inc/sub/b.conf
echo 'define third = 24' >inc/sub/c.conf
{
	echo 'include "port.conf"'
	echo 'include "sub/*.conf"'
	rules 'tcp dport { $port, $other, $third } accept'
} >includes.conf
ok '-I finds included files and patterns' silent "$ZFWC" check -I inc includes.conf
ok 'folders are searched in order' silent "$ZFWC" check -I more -I inc includes.conf
ok 'an included file that is missing' blames "^includes.conf:1:" "$ZFWC" check -I more includes.conf
{
	echo 'include "./inc/port.conf"'
	rules 'tcp dport $port accept'
} >anchored.conf
ok 'a name with ./ is taken as it is' silent "$ZFWC" check anchored.conf
{
	echo 'include "zone.conf"'
	cat good.conf
} >folder.conf
ok 'a folder is no included file' blames '^folder.conf:1:' "$ZFWC" check -I more folder.conf
{
	echo 'include "none/*.conf"'
	cat good.conf
} >none.conf
ok 'a pattern may match nothing' silent "$ZFWC" check none.conf
rules 'tcp dport $port accept' >defined.conf
ok '-D defines' silent "$ZFWC" check -D port=22 defined.conf
ok 'an undefined variable is an error' blames 'port' "$ZFWC" check defined.conf
ok 'a wrong -D is shown where it was written' blames '<command line>' "$ZFWC" check -D port=99999 defined.conf

# ---- bad input ----

: >empty.conf
echo '# nothing' >comment.conf
head -c 3000 "$ZFWC" >binary.conf
printf 'table netdev t {\n\tchain c {\n\t\ttype filter hook ingr' >torn.conf
{
	printf 'table netdev t { chain c { type filter hook ingress device "zfwc-none0" priority 0; '
	head -c 10485760 /dev/zero | tr '\0' x
} >long.conf
echo 'include "./self.conf"' >self.conf
mkdir -p folder

ok 'an empty file' blames '^empty.conf:1:1: error: no table in this file' "$ZFWC" check empty.conf
ok 'a file of comments' blames '^comment.conf:1:1: error: no table in this file' "$ZFWC" check comment.conf
ok 'a binary file' says 1 '^zfwc: binary.conf:1: not a text file' "$ZFWC" check binary.conf
ok 'a file that ends in mid-word' blames '^torn.conf:' "$ZFWC" check torn.conf
ok '10 MB on one line' blames '^long.conf:1:' timeout 20 "$ZFWC" check long.conf
ok 'the message about it is short' test "$(wc -c <stderr)" -lt 1000
ok 'a file that includes itself' ends 1 "$ZFWC" check self.conf
ok 'it is blamed once' test "$("$ZFWC" check self.conf 2>&1 | grep -c 'error: ')" = 1
ok 'a missing file' says 1 '^zfwc: missing.conf: no such file' "$ZFWC" check missing.conf
ok 'a folder' says 1 '^zfwc: folder: is a directory' "$ZFWC" check folder
ok 'a missing interface, where it must exist' ends 2 "$ZFWC" diff <(rules 'accept')
ok 'several errors in one run' test "$("$ZFWC" check <(rules 'tcp dport 99999 accept; udp dport 70000 drop') 2>&1 |
	grep -c 'error: ')" = 2

# ---- codes, warnings and errors ----

rules 'ip saddr 10.1.2.3/8 accept' >warned.conf
ok 'a warning' ends 0 "$ZFWC" check warned.conf
ok 'has its code' grep -q 'warning: .* \[host-bits\]$' <("$ZFWC" check warned.conf 2>&1)
ok '-Wno-CODE hides it' silent "$ZFWC" check -Wno-host-bits warned.conf
ok '-Werror makes it an error' blames 'error: .* \[host-bits\]$' "$ZFWC" check -Werror warned.conf
ok '-Werror=CODE too' blames '\[host-bits\]$' "$ZFWC" check -Werror=host-bits warned.conf
ok '-Werror=CODE leaves others' ends 0 "$ZFWC" check -Werror=tproxy-no-verdict warned.conf
ok '-Wno-error=CODE excepts one' ends 0 "$ZFWC" check -Werror -Wno-error=host-bits warned.conf
ok 'the last one counts' silent "$ZFWC" check -Werror -Wno-host-bits warned.conf
ok '-W before the command' silent "$ZFWC" -Wno-host-bits -cf warned.conf
ok 'a misspelt code gets a suggestion' says 1 "'-Wno-host-bit': no warning 'host-bit'; did you mean 'host-bits'\?" \
	"$ZFWC" check -Wno-host-bit warned.conf
cat >portable.conf <<'END'
table netdev t {
	map m { type inet_service : verdict; elements = { 22 : jump far }; }
	chain far {
		ct state new drop
		reject
	}
	chain c {
		type filter hook ingress device "zfwc-none0" priority 0; policy drop;
		tcp dport vmap @m
		dhcp accept
	}
}
END
sed -e '/dhcp/d' -e 's/netdev/inet/' -e 's/hook ingress.*priority/hook prerouting priority/' portable.conf >plain.conf
ok 'what only zfwc has is not warned of by itself' silent "$ZFWC" check portable.conf
ok '--portable changes no status' ends 0 "$ZFWC" check --portable portable.conf
ok 'it warns of a statement of its own' grep -q "nft has no 'dhcp' \[not-portable\]" \
	<("$ZFWC" check --portable portable.conf 2>&1)
ok 'and of nft'"'"'s in another place, behind a map' grep -q "portable.conf:4:3: warning: 'ct state' in an ingress chain" \
	<("$ZFWC" check --portable portable.conf 2>&1)
ok 'of nothing in a file for nft' silent "$ZFWC" check --portable plain.conf
ok '-W help lists the warnings' grep -q '^not-portable ' <("$ZFWC" check -W help)
ok 'errors stay errors' says 1 "'syntax' is an error in any case" "$ZFWC" check -Wno-syntax warned.conf
ok '-W is for commands that read a file' says 1 "status takes no option '--warn'" "$ZFWC" status -Werror

for ((i = 0; i < 50; i++)); do
	echo "tcp dport 99999 accept"
done >many.body
rules "$(cat many.body)" >many.conf
errors_shown() {
	"$ZFWC" check "$@" many.conf 2>&1 | grep -c 'error: '
}
ok '20 errors are shown' test "$(errors_shown)" = 20
ok 'the others are counted' grep -qx '30 more errors not shown' <("$ZFWC" check many.conf 2>&1)
ok '--max-errors' test "$(errors_shown --max-errors 3)" = 3
ok '--max-errors 0 shows all' test "$(errors_shown --max-errors 0)" = 50
ok '--max-errors takes a number' says 1 "isn't a number of errors" "$ZFWC" check --max-errors=-1 many.conf

rules 'ip saddr @bda dorp
	tcp dport 99999 accept
	ip saddr 10.1.2.3/8 jump nowhere' >stages.conf
ok 'errors of all stages in one run' ends 1 "$ZFWC" check stages.conf
for code in unknown-word out-of-range host-bits unknown-chain; do
	ok "among them $code" grep -q "\[$code\]$" <("$ZFWC" check stages.conf 2>&1)
done
printf 'table ip t {\n\tset bad { tpye ipv4_addr; }\n\tchain c { ip saddr @bad drop; }\n}\n' >follow.conf
ok 'one error is not followed by another one' blames '\[unknown-word\]$' "$ZFWC" check follow.conf

ok 'nothing is coloured off a terminal' not grep -q "$(printf '\033')" <("$ZFWC" check bad.conf 2>&1)

# ---- messages as JSON ----

# json FILTER COMMAND...: what jq makes of its output.
json() {
	local filter=$1
	shift
	"$@" 2>stderr | jq -c "$filter"
}

printf 'table ip t {\n\tset bad { type ipv4_addr; }\n\tchain c { ip saddr @bda drop; }\n}\n' >misspelt.conf
if command -v jq >/dev/null; then
	is '-j gives nothing as JSON' "$(json . "$ZFWC" check -j good.conf)" '{"diagnostics":[],"errors":0,"warnings":0}'
	is 'a message' "$(json '.diagnostics[0] | .file, .severity, .code, .message' "$ZFWC" check -j misspelt.conf)" \
		"$(printf '"misspelt.conf"\n"error"\n"unknown-set"\n"%s"' "no set named 'bda' in table 't'")"
	is 'its place' "$(json '.diagnostics[0].range' "$ZFWC" check -j misspelt.conf)" \
		'{"start":{"line":3,"column":21,"offset":62},"end":{"line":3,"column":25,"offset":66}}'
	is 'its notes' "$(json '.diagnostics[0].notes[] | .message, .file, .range.start.line' "$ZFWC" check -j misspelt.conf)" \
		"$(printf '"%s"\n"misspelt.conf"\n2' "did you mean 'bad'?")"
	is 'its suggestion' "$(json '.diagnostics[0].suggestion | .text, .range.start.offset' "$ZFWC" check -j misspelt.conf)" \
		"$(printf '"bad"\n63')"
	is 'messages of several files' "$(json '[.diagnostics[].file], .errors, .warnings' \
		"$ZFWC" check -j bad.conf good.conf warned.conf)" "$(printf '["bad.conf","warned.conf"]\n1\n1')"
	is 'refused warnings are errors' "$(json '.diagnostics[0].severity, .errors' "$ZFWC" check -j -Werror warned.conf)" \
		"$(printf '"error"\n1')"
	is 'a message about the command line' "$(json '.diagnostics[0].file' "$ZFWC" check -j -Dport=99999 defined.conf)" '"<command line>"'
	ok 'and the exit status' ends 1 "$ZFWC" check -j bad.conf
	ok 'nothing is said besides' test ! -s stderr
else
	skip 'messages as JSON' 'needs jq (Debian package jq)'
fi

# ---- compile ----

for stage in tokens ast ir image; do
	ok "compile --dump=$stage" ends 0 "$ZFWC" compile --dump=$stage good.conf
	ok "it knows the port" grep -wq 22 <("$ZFWC" compile --dump=$stage good.conf)
done
ok 'dumps are the same in every run' cmp <("$ZFWC" compile --dump=image good.conf) <("$ZFWC" compile --dump=image good.conf)
ok 'compile without a stage' says 1 'needs --dump' "$ZFWC" compile good.conf
ok 'a misspelt stage' says 1 "did you mean 'tokens'\?" "$ZFWC" compile --dump=token good.conf
ok 'compile of a bad file' ends 1 "$ZFWC" compile --dump=ir bad.conf

done_testing
