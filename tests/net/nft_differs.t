#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nft_differs.t - where zfwc and nft count one packet differently, each with its reason;
# and some where they once did, and must not.
#
# These are all the differences in what rules do with packets that are known:
# nft_agree.t makes neither such rules nor such packets.  (Of conntrack: each frame is
# of a flow that nobody has seen, see state.t for the others.)
# shellcheck source=tests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/net/agree.sh
. "$(dirname "$0")/agree.sh"

agree_namespaces

# A packet of hexadecimal digits: bytes of each header, blanks where they help.
to='020000000001' from='020000000002'
tcp='0400 0016 00000001 00000000 5002 2000 0000 0000' # 1024 to 22, a SYN
udp='0400 0035 0008 0000'
ip4() { # PROTOCOL PAYLOAD [DADDR]: from 10.0.0.2, with the right length and checksum
	local payload=${2// /} head sum=0 i
	head=$(printf '4500%04x0001000040%s%s0a000002%s' $((20 + ${#payload} / 2)) "$1" '????' "${3:-0a000001}")
	for ((i = 0; i < ${#head}; i += 4)); do
		[ "${head:i:4}" = '????' ] || sum=$((sum + 16#${head:i:4}))
	done
	while ((sum >> 16)); do
		sum=$(((sum & 0xffff) + (sum >> 16)))
	done
	echo "${head/'????'/$(printf %04x $((0xffff ^ sum)))}$payload"
}
ip6() { # NEXT-HEADER PAYLOAD [HOP-LIMIT [DADDR]]: from fd00::2
	local payload=${2// /}
	printf '60000000 %04x %s %s fd000000000000000000000000000002 %s %s' \
		$((${#payload} / 2)) "$1" "${3:-40}" "${4:-fd000000000000000000000000000001}" "$payload"
}
frame4() { echo "$to $from 0800 $*"; }
frame6() { echo "$to $from 86dd $*"; }

# differ DESCRIPTION FAMILY RULE FRAME NFT ZFWC: how many of one packet each counts.
differ() {
	ok "$1" counts "${@:2}"
}

counts() { # FAMILY RULE FRAME NFT ZFWC
	local hook=ingress on
	on=$(devices)
	if [ "$1" = prerouting ]; then
		hook=prerouting on=''
		set -- inet "${@:2}"
	fi
	agree_hook $hook
	cat >"$tmp/rules.nft" <<-END
		table $1 t {
			chain c {
				type filter hook $hook $on priority 0; policy accept;
				$2 counter comment "r1"
			}
		}
	END
	refused=0 unsupported=0
	load_nft && load_zfwc 1 || return 1
	if [ $refused != 0 ] || [ $unsupported != 0 ]; then
		cat "$tmp/err"
		return 1
	fi
	observe $hook || return 1
	tr -d ' ' <<<"$3" | "$agree" read 1 $hook "$tmp/rules.nft" "$(pairs $hook | head -n 1)"
	ns nft nft list ruleset | counters >"$tmp/counters.nft"
	zfwc_in zfwc list | counters >"$tmp/counters.zfwc"
	is_like "nft $(packets_of nft), zfwc $(packets_of zfwc)" "^nft $4, zfwc $5\$"
}

packets_of() {
	sed -nE 's/^r1: .*<([0-9]+) [0-9]+>$/\1/p' "$tmp/counters.$1"
}

# ---- what must be the same ----

differ 'a port' netdev 'tcp dport 22' "$(frame4 "$(ip4 06 "$tcp")")" 1 1
differ 'no port' netdev 'tcp dport 23' "$(frame4 "$(ip4 06 "$tcp")")" 0 0
differ 'a whole IPv6 address with a length' netdev 'ip6 daddr fd00::1/128' "$(frame6 "$(ip6 06 "$tcp")")" 1 1
differ 'the first bytes of what has no ports' netdev 'th dport 0x1234' "$(frame4 "$(ip4 2f '0000 1234 0000 0000')")" 1 1
differ 'a key cut off, != elements' netdev 'tcp dport . tcp sequence != { 1 . 2 }' \
	"$(frame4 "$(ip4 06 '0400 0016 0000')")" 0 0
differ 'a key cut off, any element' netdev 'udp checksum vmap { 1 : drop, * : continue }' \
	"$(frame4 "$(ip4 11 '0400 0035 0008')")" 0 0
differ 'a broadcast address of loopback' prerouting 'fib daddr type broadcast' \
	"$(frame4 "$(ip4 11 "$udp" 7fffffff)")" 1 1

# ---- what zfwc does in another way, see zfwc.conf(5) ----

# ARP always passes.
differ 'ARP' netdev 'meta protocol arp' "$to $from 0806 0001 0800 0604 0001 $from 0a000002 000000000000 0a000001" 1 0
# Malformed headers match only rules that look at no header.
differ 'a header that is longer than the packet' netdev 'ip daddr 10.0.0.1' \
	"$(frame4 "4f 00 0018 0001 0000 40 06 0000 0a000002 0a000001 00000000")" 1 0
# The kernel reads on behind the end of the packet, and takes half a port for one.
differ 'ports behind the end of the packet' netdev 'tcp dport 22' \
	"$(frame4 '45 00 0016 0001 0000 40 06 0000 0a000002 0a000001' "$tcp")" 1 0
differ 'half of the ports' netdev 'tcp sport 1024' "$(frame4 "$(ip4 06 '0400')")" 1 0
# Two VLAN tags are seen through.
differ 'two VLAN tags' netdev 'ip daddr 10.0.0.1' "$to $from 88a8 0001 8100 0002 0800 $(ip4 06 "$tcp")" 0 1
# nft asks for the type in the frame, which is that of the tag, behind a match of the link layer.
differ 'a VLAN tag, behind a match of its frame' netdev "ether saddr 02:00:00:00:00:02 ip daddr 10.0.0.1" \
	"$to $from 8100 0001 0800 $(ip4 06 "$tcp")" 0 1
# Neighbour discovery isn't dropped by a rule that doesn't look at it.
differ 'a solicitation of a neighbour' netdev $'iifname "eth0" drop\n' \
	"$(frame6 "$(ip6 3a '8700 0000 00000000 fd000000000000000000000000000001' ff)")" 0 1
# No later fragment has ports; some kernels' nft reads them from its payload.
differ 'ports of a later fragment' netdev 'tcp dport 22' \
	"$(frame4 "45000028000100b9400600000a0000020a000001$tcp")" '[01]' 0
# What isn't local, broadcast or multicast is unicast.
differ 'an anycast address' prerouting 'fib daddr type unicast' \
	"$(frame6 "$(ip6 11 "$udp" 40 fd000000000000000000000000000000)")" 0 1

# answers DESCRIPTION RULE FRAME NFT ZFWC: how often one packet is answered.
answers() {
	ok "$1" answered "${@:2}"
}

answered() { # RULE FRAME NFT ZFWC
	counts netdev "$1"$'\n' "$2" '[01]' '[01]' >"$tmp/answers" || {
		cat "$tmp/answers"
		return 1
	}
	cat "$tmp/answers"
	case "$3 $4" in
	'1 0') grep -q '^1 answers, and 0; 1 differ' "$tmp/answers" ;;
	'0 1') grep -q '^0 answers, and 1; 1 differ' "$tmp/answers" ;;
	*) ! grep -q differ "$tmp/answers" ;;
	esac
}

checked() { # a SYN from 10.0.0.2 port 1024 to 10.0.0.1 port 22, with this checksum
	frame4 "$(ip4 06 "${tcp/2000 0000/2000 $1}")"
}
answers 'a reset' 'meta l4proto tcp reject with tcp reset' "$(checked 77c9)" 1 1
answers 'unreachable' 'reject' "$(checked 77c9)" 1 1
answers 'nothing to reject' 'udp dport 22 reject' "$(checked 77c9)" 0 0
# Checksums aren't looked at.
answers 'a wrong checksum' 'reject' "$(checked 1111)" 0 1
# Who sends to many hears nothing.
answers 'a broadcast address' 'reject' "$(frame4 "$(ip4 11 '0400 0035 0008 0000' 0a0000ff)")" 1 0

# ---- faults of nft 1.0.6, which are its alone ----

# The second match is made one with the first, though a counter stands between them.
differ 'a counter between matches of neighbouring fields' netdev \
	$'ip saddr 10.0.0.2 counter ip daddr 10.0.0.9' "$(frame4 "$(ip4 06 "$tcp")")" 0 0
differ 'neither of two fields' netdev 'tcp sport != 1024 tcp dport != 80' "$(frame4 "$(ip4 06 "$tcp")")" 1 0
done_testing
