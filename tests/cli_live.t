#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# cli_live.t - the commands on live rules: what they print, that what is listed
# can be applied, and that input of any kind of badness leaves the rules alone.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
ns_prefix=zfwc-cli-$$-
ns_pair client router
chmod 755 "$tmp"
cd "$tmp" || exit 1
cp "$ZFWC" "$tmp/zfwc-for-all" # where user nobody may run it

zfwc() {
	zfwc_in router "$@"
}

# json FILTER: what a Perl expression says of the decoded standard input, $j.
json() {
	perl -MJSON::PP -0777 -ne "my \$j = decode_json(\$_); print $1" || exit 1
}

generation() {
	zfwc status -j | json '$j->{generation}'
}

# ---- from nothing to rules and back ----

is 'nothing is listed when nothing is live' "$(zfwc list)" ''
ok 'status says so' is_like "$(zfwc status)" "no rules are live in instance 'default'"
is 'and in JSON' "$(zfwc status -j)" '{"instance":"default","live":false}'
ok 'detach has nothing to do' ends 0 zfwc detach

cat >one.conf <<'END'
define lan = 10.9.0.0/24
table inet fw {
	set admins {
		type ipv4_addr
		flags interval
		elements = { 10.9.0.1, 192.0.2.0/24 }
	}
	chain in {
		type filter hook ingress device "eth0" priority filter; policy drop;
		icmp type echo-request counter accept comment "ping"
		ip saddr @admins ssh-local counter accept
		ip saddr $lan tcp dport { 80, 443 } counter packets 5 bytes 500 jump web
		ip daddr 203.0.113.0/24 meta l4proto { tcp, udp } tproxy ip to :15001 accept
	}
	chain web {
		counter accept
	}
}
END
sed 's/{ 80, 443 }/{ 80, 443, 8080 }/' one.conf >two.conf

ok 'diff shows everything as new' ends 1 zfwc diff one.conf
ok 'with file and line' is_like "$(cat out)" 'one\.conf:10'
ok 'diff --maps shows entries' is_like "$(zfwc diff --maps one.conf)" '^\+ RULE '
ok 'and changes nothing' is_like "$(zfwc status)" 'no rules are live'
ok 'apply' ends 0 zfwc apply one.conf
ok 'it says what it did' is_like "$(cat out)" '^applied one.conf: 5 rules on eth0; [0-9]+ map writes$'
ok 'applied again' ends 0 zfwc apply one.conf
is 'it says that nothing changed' "$(cat out)" 'one.conf: no changes, 0 map writes'
ok 'diff has nothing to say' ends 0 zfwc diff one.conf
is 'not a word' "$(cat out)" ''
ok 'diff of a change' ends 1 zfwc diff two.conf
is 'shows the rule that goes and the one that comes' "$(zfwc diff two.conf)" "\
table inet fw chain in
- one.conf:12: ip saddr 10.9.0.0/24 tcp dport { 80, 443 } counter jump web
+ two.conf:12: ip saddr 10.9.0.0/24 tcp dport { 80, 443, 8080 } counter jump web"
is 'in JSON too, line by line' "$(zfwc diff -j two.conf | json '$j->{changes}[2], " ", $j->{errors}')" \
	'+ two.conf:12: ip saddr 10.9.0.0/24 tcp dport { 80, 443, 8080 } counter jump web 0'
is 'apply -j' "$(zfwc apply -j one.conf | json '@{$j->{done}}, " ", scalar @{$j->{diagnostics}}')" \
	'one.conf: no changes, 0 map writes 0'
ok '--dry-run is diff' ends 1 zfwc apply --dry-run two.conf
ok 'and it changed nothing' ends 0 zfwc diff one.conf

# ---- list ----

ok 'pings are counted' ping client 10.9.0.2
is 'the counter moved' "$(packets router echo-request)" 1
is 'a counter goes on from its first value' "$(packets router 'tcp dport { 80, 443 }')" 5
zfwc list >listed.conf
ok 'a listing is checked' ends 0 zfwc check listed.conf
ok 'it diffs empty' ends 0 zfwc diff listed.conf
is 'not a word about it' "$(cat out)" ''
like 'applying it writes nothing but where the text came from' "$(zfwc apply listed.conf)" ' 1 map write$'
is 'then nothing' "$(zfwc apply listed.conf)" 'listed.conf: no changes, 0 map writes'
zfwc list -s >stateless.conf
ok 'without counters neither' ends 0 zfwc diff stateless.conf
fails '-s shows no values' grep -q packets stateless.conf
zfwc list -a >handles.conf
is '-a shows a handle per rule' "$(grep -cP '^\t\t.*# handle [1-9][0-9]*$' handles.conf)" 5
ok 'handles are comments' ends 0 zfwc diff handles.conf
is 'list ruleset is list' "$(zfwc list ruleset -s)" "$(cat stateless.conf)"
is 'options may stand before the command' "$(zfwc -s list ruleset)" "$(cat stateless.conf)"
zfwc list -j >list.json
is 'JSON has metainfo' "$(json '$j->{nftables}[0]{metainfo}{json_schema_version}' <list.json)" 1
is 'JSON has each kind of object' "$(json 'join " ", map { keys %$_ } @{$j->{nftables}}' <list.json)" \
	'metainfo table set chain chain rule rule rule rule rule'
is 'a base chain' "$(json 'join " ", map { @{$_->{chain}}{qw(family table name type hook prio policy dev)} }
	grep { $_->{chain} && $_->{chain}{hook} } @{$j->{nftables}}' <list.json)" \
	'inet fw in filter ingress 0 drop eth0'
is 'a set' "$(json 'join " ", map { @{$_->{set}}{qw(name type)}, @{$_->{set}{flags}}, $_->{set}{elem}[0], $_->{set}{elem}[1]{prefix}{addr} }
	grep { $_->{set} } @{$j->{nftables}}' <list.json)" 'admins ipv4_addr interval 10.9.0.1 192.0.2.0'
is 'a rule and its counter' "$(json 'join " ", map { @{$_->{rule}}{qw(chain comment)}, $_->{rule}{expr}[1]{counter}{packets} }
	grep { $_->{rule} && $_->{rule}{comment} } @{$j->{nftables}}' <list.json)" 'in ping 1'
is 'where it was written' "$(json 'join ":", map { @{$_->{rule}{source}}{qw(file line)} }
	grep { $_->{rule} && $_->{rule}{comment} } @{$j->{nftables}}' <list.json)" \
	"$(grep -n 'comment.*ping' listed.conf | sed 's/^\([0-9]*\):.*/listed.conf:\1/')"
ok 'the JSON is checked' ends 0 zfwc check list.json
ok 'and is what is live' ends 0 zfwc diff list.json

# ---- status ----

ok 'status names the interface' is_like "$(zfwc status)" '^interfaces +eth0 +ingress by (tcx|clsact)'
ok 'and the routing' is_like "$(zfwc status)" 'lookup [0-9]+ \(IPv4, IPv6\)'
is 'in JSON too' "$(zfwc status -j | json 'join " ", map { $_->{name} } @{$j->{interfaces}}')" eth0
is 'nothing to note' "$(zfwc status -j | json 'scalar @{$j->{notes}}')" 0

ns router ip rule del pref "$(zfwc status -j | json '$j->{routing}{priority}')"
like 'a rule that somebody deleted is noted' "$(zfwc status)" "routing of intercepted packets isn't complete"
is 'diff shows it' "$(zfwc diff one.conf)" '+ routing of intercepted packets'
ok 'apply brings it back' ends 0 zfwc apply one.conf
ok 'and then nothing differs' ends 0 zfwc diff one.conf
sed '/tproxy/d' one.conf >plain.conf
like 'without tproxy no routing is wanted' "$(zfwc diff plain.conf)" '^- routing of intercepted packets$'

ns router ip addr flush dev eth0
ok 'ssh-local without addresses is noted' is_like "$(zfwc status)" 'ssh-local matches nothing on eth0'
ok 'so are addresses that changed' is_like "$(zfwc status)" 'apply the rules again'
ok 'diff says that maps differ' ends 1 zfwc diff one.conf
like 'in a line' "$(zfwc diff one.conf)" '^the rules are the same, but [0-9]+ map entr'
ok 'apply brings them level' ends 0 zfwc apply one.conf
ok 'and then nothing differs' ends 0 zfwc diff one.conf
like 'but ssh-local still matches nothing' "$(zfwc status)" 'ssh-local matches nothing on eth0'
addr router eth0 10.9.0.2/24 fd09::2/64
ok 'with addresses again' ends 0 zfwc apply one.conf
is 'there is nothing to note' "$(zfwc status -j | json 'scalar @{$j->{notes}}')" 0

# ---- bad input: one message, status 1, and the live rules as they were ----

zfwc list -s >before
generation >before.generation

# refused REGEX DESCRIPTION COMMAND...: it ends with 1 and one error that
# matches, and the live rules are what they were.
refused() {
	local regex=$1 what=$2
	shift 2
	ok "$what" ends 1 "$@"
	cp out said
	is "$what: one message" "$(grep -cE '^zfwc: |: error: ' said)" 1
	ok "$what: a clear one" is_like "$(cat said)" "$regex"
	zfwc list -s >after
	ok "$what: the live rules are unchanged" cmp before after
	is "$what: nothing was committed" "$(generation)" "$(cat before.generation)"
}

: >empty.conf
head -c 3000 "$ZFWC" >binary.conf
head -c 180 one.conf >torn.conf
{
	printf 'table netdev t { chain c { type filter hook ingress device "eth0" priority 0; '
	head -c 10485760 /dev/zero | tr '\0' x
} >long.conf
echo 'include "./self.conf"' >self.conf
ruleset 'accept' zfwc-cli-none >interface.conf
ruleset 'ip saddr 10.1.2.3/8 accept' >host_bits.conf
{
	echo 'table ip t { chain c { type filter hook ingress device "eth0" priority 0; policy drop;'
	for dst in $(seq 8 32); do
		for src in $(seq 8 32); do
			echo "ip daddr 10.0.0.0/$dst ip saddr 10.0.0.0/$src accept"
		done
	done
	echo '}}'
} | sed 's/table ip/table inet/' >full.conf

refused '^empty.conf:1:1: error: no table in this file' 'an empty file' zfwc apply empty.conf
refused '^zfwc: binary.conf:1: not a text file' 'a binary file' zfwc apply binary.conf
refused '^torn.conf:[0-9]+:[0-9]+: error: ' 'a file that ends in mid-word' zfwc apply torn.conf
refused '^long.conf:1:[0-9]+: error: ' '10 MB on one line' zfwc apply long.conf
refused '^host_bits.conf:4:[0-9]+: error: .*\[host-bits\]$' 'a warning that -Werror makes an error' \
	zfwc apply -Werror host_bits.conf
refused '^\./self.conf:1:[0-9]+: error: ' 'a file that includes itself' zfwc apply self.conf
refused "^interface.conf:3:[0-9]+: error: .*'zfwc-cli-none'" 'a missing interface' zfwc apply interface.conf
refused '^zfwc: missing.conf: no such file' 'a missing file' zfwc apply missing.conf
refused '^full.conf:[0-9]+:[0-9]+: error: ' 'a full map' zfwc apply full.conf

as_nobody() { # ARGUMENT...
	ns router setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/zfwc-for-all" "$@"
}
refused '^zfwc: .*root' 'no privilege' as_nobody apply two.conf
ok 'diff without privilege is trouble' ends 2 as_nobody diff two.conf
ok 'list without privilege fails' ends 1 as_nobody list
ok 'status without privilege fails' ends 1 as_nobody status
ok 'check needs none' ends 0 as_nobody check two.conf

# A process 1 whose /run nobody can write to has no place for a bpffs.
without_bpffs() {
	ns router unshare --mount --pid --fork --mount-proc \
		sh -c 'mount -t tmpfs -o ro none /run && "$0" "$@"' "$ZFWC" "$@"
}
refused '^zfwc: .*/run/zfwc' 'no bpffs' without_bpffs apply two.conf

# The kernel has room for some 60 programs at an interface: the other interface
# keeps its rules when this one has no place left.
mkfifo hold
exec 9<>hold
full_interface() {
	local i
	link router full0 client full0
	for ((i = 0; i < 64; i++)); do
		ip netns exec "${ns_prefix}router" "$tools/foreign" tcx "$BUILDDIR/tests/tools/count.bpf.o" full0 \
			<hold >"foreign.$i" 2>&1 &
		spawned+=($!)
	done
	for ((i = 0; i < 64; i++)); do
		until_ok grep -qE 'ready|out of range' "foreign.$i" || return 1
	done
	grep -q 'out of range' foreign.*
}
sed 's/device "eth0"/devices = { eth0, full0 }/' two.conf >both.conf
if full_interface; then
	refused "^(both.conf:[0-9]+:[0-9]+: error|zfwc): .*'full0'" 'a kernel refusal' zfwc apply both.conf
else
	skip 'a kernel refusal' 'this kernel has no tcx (Linux 6.6)'
fi

# ---- instances, namespaces, the end ----

ok 'another instance' ends 0 zfwc --instance one apply listed.conf
ok 'has rules of its own' ends 1 zfwc --instance one diff two.conf
ok 'it is gone when detached' ends 0 zfwc --instance one detach
is 'the first one is not' "$(zfwc list -s)" "$(cat before)"
is '-n enters a namespace' "$("$ZFWC" -n "${ns_prefix}router" list -s)" "$(cat before)"
ok 'an unknown namespace is refused' ends 1 "$ZFWC" -n zfwc-cli-none list
ok 'by its name' is_like "$(cat out)" "^zfwc: .*zfwc-cli-none"
ok 'apply -f, as nft' ends 0 zfwc -f two.conf
{
	echo "#!$ZFWC -f"
	cat one.conf
} >script
chmod +x script
ok 'a file applies itself' ends 0 ns router ./script
ok '--stats' is_like "$(zfwc apply --stats two.conf)" '^map writes +[1-9]'
ok '--stats has the stages' is_like "$(zfwc apply --stats two.conf)" '^parse +[0-9.]+ ms$'
sed 's/^table.*{/&\n\tchain unused {\n\t\ttcp dport 9 counter drop\n\t}/' two.conf >unused.conf
ok 'a chain that nothing jumps to' ends 0 zfwc apply unused.conf
ok 'its counters are listed' is_like "$(zfwc list)" 'tcp dport 9 counter packets 0 bytes 0 drop'
ok 'in JSON too' is_like "$(zfwc list -j)" '"right": 9\}\}, \{"counter": \{"packets": 0, "bytes": 0\}\}'
ok 'detach' ends 0 zfwc detach
is 'leaves nothing' "$(zfwc list)" ''
is 'no rule' "$(ns router ip rule | grep -c fwmark)" 0
done_testing
