#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# facts.t - 'status --facts' and 'check --facts': a host's interfaces as a file,
# and what is said about files that aren't right.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

cat >"$tmp/rules" <<'END'
table netdev fw {
	chain in {
		type filter hook ingress device "eth0" priority 0; policy drop;
		iif "eth0" accept
	}
}
END
facts() {
	printf '%s\n' "$1" >"$tmp/facts.json"
}
check() {
	"$ZFWC" check --facts "$tmp/facts.json" "$tmp/rules"
}
from_stdin() {
	"$ZFWC" check --facts - "$tmp/rules" <"$tmp/facts.json"
}
refused_with() {
	check >"$tmp/said" 2>&1 && return 1
	cat "$tmp/said"
	grep -qF -- "$1" "$tmp/said"
}
# says WORDS FACTS: check refuses the facts, in these words.
says() {
	facts "$2"
	ok "$1" refused_with "$1"
}

facts '{ "interfaces": [ { "name": "eth0", "index": 7 } ] }'
ok 'a small file will do' check
facts '{ "interfaces": [ { "name": "lo", "index": 1, "loopback": true, "ethernet": true, "addresses": [ "127.0.0.1",
	{ "address": "::1", "prefix": 128, "secondary": false, "unusable": true } ] }, { "name": "eth0", "index": 2 } ] }'
ok 'and a complete one' check
ok 'standard input too' from_stdin
says "there is no interface named 'eth0'" '{ "interfaces": [ { "name": "eth1", "index": 7 } ] }'
says "facts.json:2:" '{ "interfaces": ['
says "not JSON" 'eth0 2'
says "the file has no 'interfaces'" '{}'
says "the file isn't an object" '[]'
says "interface 1 has no 'name'" '{ "interfaces": [ { "index": 1 } ] }'
says "interface 2 has no 'index'" '{ "interfaces": [ { "name": "a", "index": 1 }, { "name": "eth0" } ] }'
says "has a member 'mtu', which facts don't have" '{ "interfaces": [ { "name": "eth0", "index": 1, "mtu": 1500 } ] }'
says "'index' of interface 1 isn't a number" '{ "interfaces": [ { "name": "eth0", "index": "1" } ] }'
says "the index of 'eth0' is out of range" '{ "interfaces": [ { "name": "eth0", "index": 0 } ] }'
says "have the same index 4" '{ "interfaces": [ { "name": "eth0", "index": 4 }, { "name": "b", "index": 4 } ] }'
says "two interfaces named 'eth0'" '{ "interfaces": [ { "name": "eth0", "index": 4 }, { "name": "eth0", "index": 5 } ] }'
says "can't be the name of an interface" '{ "interfaces": [ { "name": "far too long a name", "index": 4 } ] }'
says "isn't an address" '{ "interfaces": [ { "name": "eth0", "index": 4, "addresses": [ "10.0.0.1/8" ] } ] }'
says "the prefix of address 1 of interface 'eth0' is out of range" \
	'{ "interfaces": [ { "name": "eth0", "index": 4, "addresses": [ { "address": "10.0.0.1", "prefix": 33 } ] } ] }'
rm "$tmp/facts.json"
fails 'a file that is not there' check
fails 'apply asks the host' "$ZFWC" apply --facts "$tmp/facts.json" "$tmp/rules"

cat >"$tmp/rules" <<'END'
table ip fw {
	chain in {
		type filter hook prerouting priority 0; policy drop;
	}
}
END
facts '{ "interfaces": [ { "name": "lo", "index": 1, "loopback": true }, { "name": "eth0", "index": 2 }, { "name": "eth1", "index": 3 } ] }'
attached() {
	"$ZFWC" compile --dump=ir --facts "$tmp/facts.json" "$@" "$tmp/rules" | grep '^attach' | tr '\n' ' '
}
is() {
	[ "$(attached "${@:2}")" = "$1" ]
}
ok 'prerouting is on all but loopback' is 'attach eth0 attach eth1 '
ok 'or where --device says' is 'attach eth1 ' --device eth1
ok 'on several' is 'attach lo attach eth1 ' --device eth1 --device lo
fails 'which must be there' "$ZFWC" check --facts "$tmp/facts.json" --device eth7 "$tmp/rules"
fails 'and be names' "$ZFWC" check --device 'eth*' "$tmp/rules"
ok 'without facts it is taken to be there' "$ZFWC" check --device eth7 "$tmp/rules"

if [ "$(id -u)" = 0 ]; then
	host() {
		# shellcheck disable=SC2016
		unshare --net bash -c '
			ip link add eth0 type veth peer name eth1
			ip address add 192.0.2.1/24 dev eth0
			ip address add 192.0.2.2/24 dev eth0
			"$1" status --facts' _ "$ZFWC" >"$tmp/facts.json"
	}
	ok 'status prints the facts' host
	ok 'with addresses' grep -q '"192.0.2.2"' "$tmp/facts.json"
	ok 'one of them is secondary' [ "$(grep -c '"secondary": true' "$tmp/facts.json")" = 1 ]
	ok 'which check reads' check
fi
done_testing
