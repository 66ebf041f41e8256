#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# instances.t - instances and network namespaces have nothing to do with one
# another, and each finds its pins again from wherever it is called.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
ns_pair client host

serve() {
	spawn "tcp$1" ns host "$tools/peer" serve -4 "$1" || exit 1
}
serve 81
serve 82

# Two instances on one interface: both decide.
ruleset 'tcp dport 81 counter drop' eth0 accept >"$tmp/one.conf"
ruleset 'tcp dport 82 counter drop' eth0 accept >"$tmp/two.conf"
ok 'instance one' zfwc_in host --instance one apply "$tmp/one.conf"
ok 'instance two' zfwc_in host --instance two apply "$tmp/two.conf"
fails 'port 81 is dropped by one' ask client 10.9.0.2 81
fails 'port 82 is dropped by two' ask client 10.9.0.2 82
ok 'ping passes both' ping client 10.9.0.2
is 'one knows nothing of two' "$(zfwc_in host --instance one list | grep -c 'dport 82')" 0
is 'one has its rule' "$(zfwc_in host --instance one list | grep -c 'dport 81')" 1
is 'the default instance has none' "$(zfwc_in host list 2>/dev/null)" ''
ok 'detach one' zfwc_in host --instance one detach
ok 'port 81 is open' ask client 10.9.0.2 81
fails 'port 82 is still dropped' ask client 10.9.0.2 82
is 'two writes nothing when applied again' "$(zfwc_in host --instance two apply "$tmp/two.conf" | grep -c '0 map writes')" 1
ok 'detach two' zfwc_in host --instance two detach
ok 'port 82 is open' ask client 10.9.0.2 82

# The default instance in two namespaces.
ruleset 'tcp dport 1001 counter accept' eth0 accept >"$tmp/client.conf"
ruleset 'tcp dport 1002 counter accept' eth0 accept >"$tmp/host.conf"
ok 'apply in one namespace, by ip netns exec' zfwc_in client apply "$tmp/client.conf"
ok 'apply in another, by -n' "$ZFWC" -n "${ns_prefix}host" apply "$tmp/host.conf"
is 'the first has its rules' "$(zfwc_in client list -s | grep -o 'dport [0-9]*')" 'dport 1001'
is 'the second has its rules' "$(zfwc_in host list -s | grep -o 'dport [0-9]*')" 'dport 1002'
is 'by -n as by ip netns exec' "$("$ZFWC" -n "${ns_prefix}client" list)" "$(zfwc_in client list)"
is 'the option may stand behind the command' "$("$ZFWC" list -n "${ns_prefix}client")" "$(zfwc_in client list)"
is 'with a mount namespace of its own' "$(ns client unshare --mount "$ZFWC" list)" "$(zfwc_in client list)"
is 'with another /run' \
	"$(ns client unshare --mount sh -c 'mount -t tmpfs none /run && exec "$0" list' "$ZFWC")" \
	"$(zfwc_in client list)"
is '0 writes through the other way' "$("$ZFWC" -n "${ns_prefix}client" apply "$tmp/client.conf" | grep -c '0 map writes')" 1
ok 'detach one of them' "$ZFWC" -n "${ns_prefix}client" detach
is 'it is empty' "$(zfwc_in client list 2>/dev/null)" ''
is 'the other is not' "$(zfwc_in host list -s | grep -o 'dport [0-9]*')" 'dport 1002'
fails 'a namespace that does not exist' "$ZFWC" -n zfwc-net-none list
like 'is named' "$(cat "$tmp/out")" zfwc-net-none

# nft's habits.
ok 'zfwc -f FILE' zfwc_in host -f "$tmp/two.conf"
is 'zfwc list ruleset' "$(zfwc_in host list ruleset -s | grep -o 'dport [0-9]*')" 'dport 82'
ok 'zfwc -c -f FILE' zfwc_in host -c -f "$tmp/one.conf"
is 'which changes nothing' "$(zfwc_in host list ruleset -s | grep -o 'dport [0-9]*')" 'dport 82'
{
	echo "#!$ZFWC -f"
	cat "$tmp/one.conf"
} >"$tmp/script"
chmod +x "$tmp/script"
ok '#!/usr/sbin/zfwc -f' ns host "$tmp/script"
is 'did' "$(zfwc_in host list ruleset -s | grep -o 'dport [0-9]*')" 'dport 81'
done_testing
