#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ssh_local.t - OpenSSH's server is reached at the addresses of the interface
# that the packets arrive on, and at no other address.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
need_root
sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || skip_all 'needs sshd (Debian package openssh-server)'
need ssh openssh-client
ns_pair client server

# Addresses that are the server's too, but not eth0's.
addr server eth0 10.9.0.22/24 fd09::22/64
addr server lo 203.0.113.22/32 2001:db8::22/128

[ -d /run/sshd ] || { mkdir -p /run/sshd && made_run_sshd=yes; }
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host_key"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/user_key"
cp "$tmp/user_key.pub" "$tmp/authorized_keys"
chmod 600 "$tmp/authorized_keys"
sshd_listen() { # PORT
	ns server "$sshd" -f /dev/null -p "$1" -h "$tmp/host_key" -o PidFile="$tmp/sshd$1.pid" -o UsePAM=no \
		-o StrictModes=no -o AuthorizedKeysFile="$tmp/authorized_keys" -o PermitRootLogin=prohibit-password \
		-o LogLevel=ERROR -E "$tmp/sshd.log" || exit 1
	until_ok test -s "$tmp/sshd$1.pid"
	spawned+=("$(cat "$tmp/sshd$1.pid")")
}
sshd_listen 22
sshd_listen 2222

login() { # ADDRESS [PORT]
	local said
	said=$(ns client ssh -F /dev/null -i "$tmp/user_key" -p "${2:-22}" -o BatchMode=yes -o ConnectTimeout=2 \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "root@$1" 'echo $SSH_CONNECTION') ||
		return 1
	echo "$said"
	grep -q " $1 ${2:-22}$" <<<"$said"
}

for address in 10.9.0.2 203.0.113.22 fd09::2 2001:db8::22; do
	ok "without rules: $address" login $address
done

apply server 'ssh-local counter'
ok 'the interface address' login 10.9.0.2
ok 'the second one' login 10.9.0.22
ok 'the IPv6 one' login fd09::2
ok 'the second IPv6 one' login fd09::22
fails 'an address of another interface' login 203.0.113.22
fails 'an IPv6 address of another interface' login 2001:db8::22
fails 'another port' login 10.9.0.2 2222
like 'packets were counted' "$(packets server ssh-local)" '^[1-9]'

apply server 'ssh-local port { 2200-2300 } accept'
ok 'the port that is written' login 10.9.0.2 2222
ok 'the port that is written, IPv6' login fd09::2 2222
fails 'not the usual one then' login 10.9.0.2
fails 'nor that port at another address' login 203.0.113.22 2222

apply server 'ip saddr 10.9.0.77 ssh-local accept'
fails 'a source that is not ours' login 10.9.0.2
apply server 'ip saddr 10.9.0.1 ssh-local accept'
ok 'a source that is ours' login 10.9.0.2
fails 'IPv6 is not in a rule for IPv4' login fd09::2

# What would be different without the statement.
apply server 'tcp dport 22 accept'
ok 'tcp dport 22: an address of another interface' login 203.0.113.22
apply server 'tcp dport 9 accept'
fails 'nothing: the interface address' login 10.9.0.2
fails 'nothing: the IPv6 address' login fd09::2

# No address, no match; an address that comes is in with the next apply.
ns server ip addr flush dev eth0 scope global
addr server eth0 fd09::2/64
apply server 'ip saddr 10.9.0.0/24 ssh-local accept'
like 'status says that the interface has no address' "$(zfwc_in server status 2>&1)" 'ssh-local matches nothing on eth0'
addr server eth0 10.9.0.2/24
apply server 'ip saddr 10.9.0.0/24 ssh-local accept'
ok 'the address came back' login 10.9.0.2
is 'and status is content' "$(zfwc_in server status 2>&1 | grep 'matches nothing')" ''
[ -z "${made_run_sshd:-}" ] || rmdir /run/sshd
done_testing
