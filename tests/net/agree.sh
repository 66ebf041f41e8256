# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# agree.sh - the same rules in kernel nft and in zfwc, and the same frames to both.
#
#	. "$(dirname "$0")/../lib.sh"
#	. "$(dirname "$0")/agree.sh"
#	agree_namespaces
#	load_nft && load_zfwc		# $tmp/rules.nft
#	agree_run SEED ingress FRAMES	# fills $tmp/{counters,seen}.{nft,zfwc}
#	agree_compare
#
# Namespaces: sender has n0, n1 ..., the other ends of which are the interfaces eth0,
# eth1, or those given, in nft, and z0, z1 ..., which lead to those in zfwc.  Behind all chains an observer in both,
# of nft rules, counts what came through: by mark and length; with AGREE_DETAIL=1 also
# by link-layer addresses, the source of which numbers most frames.
need_root
need nft nftables

agree=${AGREE_TOOL:-$tools/nft_agree}
refused=0 unsupported=0
detail=${AGREE_DETAIL:+ether saddr . ether daddr . }

# Nothing but the test's frames may arrive: no ARP, no IPv6 of the hosts' own.
agree_namespaces() { # [INTERFACE...]
	local i name
	[ $# != 0 ] || set -- eth0 eth1
	interfaces=("$@")
	ns_new sender nft zfwc
	for name in sender nft zfwc; do
		ns $name sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	for i in "${!interfaces[@]}"; do
		link sender "n$i" nft "${interfaces[i]}"
		link sender "z$i" zfwc "${interfaces[i]}"
		ns sender ip link set "n$i" arp off
		ns sender ip link set "z$i" arp off
		for name in nft zfwc; do
			ns $name sysctl -qw "net.ipv6.conf.${interfaces[i]}.addr_gen_mode=1" \
				"net.ipv6.conf.${interfaces[i]}.router_solicitations=0"
			ns $name ip link set "${interfaces[i]}" address 02:00:00:00:00:01 arp off
		done
	done
	for name in nft zfwc; do
		addr $name "$1" 10.0.0.1/24
	done
}

# Names, as nft has lists of them.
devices() { # [PREFIX]
	local i list=''
	for i in "${!interfaces[@]}"; do
		list+="${list:+, }$([ "${1:-}" ] && echo "$1$i" || echo "${interfaces[i]}")"
	done
	echo "devices = { $list }"
}

# IPv6 arrives at prerouting only where it isn't switched off; and without routes,
# of link-local addresses by each interface, nft calls its addresses unreachable.
agree_hook() { # HOOK
	local name off=1
	[ "$1" != prerouting ] || off=0
	for name in nft zfwc; do
		ns $name sysctl -qw net.ipv6.conf.all.disable_ipv6=$off
		[ $off = 0 ] || continue
		ns $name ip -6 addr replace fd00::1/64 dev eth0 nodad
		ns $name ip -6 route replace default dev eth0
		ns $name ip -6 route replace default dev eth1 metric 2048
	done
}

# One line a rule, from a listing with counters: its comment if that numbers it, else
# its place, and its counters in order; and one for each named counter.
counters() {
	perl -ne '($table, $chain) = ($1, "") if /^table (.*) \{/;
		$chain = "" if /^\t\}/;
		($chain, $nth) = ($1, 0) if /^\tchain (\S+) \{/;
		$name = $1 if /^\s+counter (\S+) \{/;
		printf("%s %s: <%d %d>\n", $table, $name, $1, $2) if /^\s+packets (\d+) bytes (\d+)/;
		$set = $1 if /^\t(?:set|map) (\S+) \{/;
		while (!$chain && $table !~ /observer/ && /([^,{}=\t]+) counter packets (\d+) bytes (\d+)/g) {
			printf("%s %s %s: <%d %d>\n", $table, $set, $1 =~ s/^ +| +$//gr, $2, $3);
		}
		next unless $chain && /\bcounter\b/ && $table !~ /observer/;
		$rule = /comment "(r\d+)"/ ? $1 : "$table $chain " . ++$nth;
		s/counter name//g;
		my @n = map { defined ? "<$_>" : "<0 0>" } /\bcounter(?: packets (\d+ bytes \d+))?/g;
		printf("%s: %s\n", $rule, join(" ", @n) =~ s/ bytes / /gr) if @n' | sort -V
}

# The first chain counts all frames: wait until they have arrived.
arrived() { # FRAMES NAME COMMAND...
	local frames=$1 name=$2 i
	shift 2
	for ((i = 0; i < 50; i++)); do
		ns "$name" "$@" >"$tmp/list.$name" || return 1
		[ "$(grep -m1 'comment "r0"' "$tmp/list.$name" | sed 's/.*packets \([0-9]*\).*/\1/')" = "$frames" ] && return 0
		sleep 0.05
	done
	echo "not all $frames frames were seen in $name:"
	grep -m1 'comment "r0"' "$tmp/list.$name"
	return 1
}

# drop_lines ERRORS-TO-DROP: leaves out the lines of $tmp/rules.nft that $tmp/err is
# about; fails if there are none.  Sets n_dropped.
drop_lines() {
	local lines
	lines=$(sed -nE "s/^[^:]*:([0-9]+):.*$1.*/\1d/p" "$tmp/err" | sort -u)
	n_dropped=$(wc -w <<<"$lines")
	[ "$n_dropped" -gt 0 ] && sed -i "$lines" "$tmp/rules.nft"
}

# Random rules may contradict themselves, and random elements may overlap: the lines
# that nft refuses are left out.
load_nft() {
	local i
	for ((i = 0; i < 40; i++)); do
		ns nft nft flush ruleset
		ns nft nft -f "$tmp/rules.nft" 2>"$tmp/err" && return 0
		drop_lines 'Error' || break
		refused=$((refused + n_dropped))
	done
	cat "$tmp/err"
	return 1
}

# Those too that zfwc doesn't support, and elements that overlap: whether the kernel
# sees that depends on what else is in the transaction (seen on 6.18).  With those
# left out nft gets its rules anew.
check_zfwc() {
	local i
	for ((i = 0; i < 10; i++)); do
		zfwc_in zfwc check --max-errors 0 "$tmp/rules.nft" 2>"$tmp/err" >&2 && return 0
		drop_lines 'error: .*\[(unsupported|overlap)\]' || break
		unsupported=$((unsupported + n_dropped))
	done
	grep -A3 'error: ' "$tmp/err" | head -n 20
	return 1
}

apply_zfwc() { # FILE
	zfwc_in zfwc apply "$1" >/dev/null 2>"$tmp/err"
}

# zfwc sometimes gets the rules in two steps, the second of which fills gaps left by the
# first.
load_zfwc() { # NUMBER
	local before=$unsupported
	check_zfwc || return 1
	if [ $unsupported != $before ]; then
		load_nft || return 1
	fi
	zfwc_in zfwc detach >/dev/null || return 1
	sed "/comment \"r[1-9][0-9]*[$(($1 / 10 % 10))]\"/d" "$tmp/rules.nft" >"$tmp/some.nft"
	{ [ $(($1 % 3)) != 0 ] || apply_zfwc "$tmp/some.nft"; } && apply_zfwc "$tmp/rules.nft" &&
		zfwc_in zfwc diff "$tmp/rules.nft" 2>"$tmp/err" && return 0
	grep -A3 'error: ' "$tmp/err" | head -n 20
	return 1
}

observer() { # NAME HOOK
	local on family=netdev
	on=$(devices)
	if [ "$2" = prerouting ]; then
		on='' family=inet
	fi
	ns "$1" nft -f - <<-END
		table $family observer {
			set seen {
				typeof ${detail}meta mark . meta length
				size 65535
				flags dynamic
			}
			chain last {
				type filter hook $2 $on priority 300; policy drop;
				add @seen { ${detail}meta mark . meta length counter }
			}
		}
	END
}

# What left the two at egress is counted where it arrives.
observe_egress() {
	local name
	for name in nft zfwc; do
		ns sender nft -f - <<-END
			table netdev observer {
				set $name {
					typeof ${detail}meta protocol . meta length
					size 65535
					flags dynamic
				}
				chain $name {
					type filter hook ingress $(devices ${name:0:1}) priority 0; policy drop;
					add @$name { ${detail}meta protocol . meta length counter }
				}
			}
		END
	done
}

observe() { # HOOK
	ns sender nft flush ruleset && ns zfwc nft flush ruleset || return 1
	if [ "$1" = egress ]; then
		observe_egress
	else
		observer nft "$1" && observer zfwc "$1"
	fi
}

seen() { # NAME HOOK
	case $2 in
	egress) ns sender nft list set netdev observer "$1" ;;
	prerouting) ns "$1" nft list set inet observer seen ;;
	*) ns "$1" nft list set netdev observer seen ;;
	esac | tr ',' '\n' | grep -oE '[0-9a-z:]+ \. .* bytes [0-9]+' | sort
}

# The pairs of interfaces that frames go out of.
pairs() { # HOOK
	local i
	for i in "${!interfaces[@]}"; do
		if [ "$1" = egress ]; then
			echo "${ns_prefix}nft/${interfaces[i]}:${ns_prefix}zfwc/${interfaces[i]}"
		else
			echo "${ns_prefix}sender/n$i:${ns_prefix}sender/z$i"
		fi
	done
}

agree_run() { # SEED HOOK FRAMES
	local status=0
	observe "$2" || return 1
	# shellcheck disable=SC2046
	"$agree" send "$1" "$2" "$tmp/rules.nft" "$3" $(pairs "$2") || status=1
	arrived "$3" nft nft list ruleset && arrived "$3" zfwc "$ZFWC" list || return 1
	for name in nft zfwc; do
		counters <"$tmp/list.$name" >"$tmp/counters.$name"
		seen $name "$2" >"$tmp/seen.$name"
	done
	return $status
}

# What one has and the other hasn't, and the rules that differ.
agree_compare() {
	local what r
	cmp -s "$tmp/counters.nft" "$tmp/counters.zfwc" && cmp -s "$tmp/seen.nft" "$tmp/seen.zfwc" && return 0
	echo "nft (-) and zfwc (+) differ, <packets bytes> of each counter; what came through:"
	for what in counters seen; do
		diff -u "$tmp/$what.nft" "$tmp/$what.zfwc" | sed '1,2d' | grep '^[-+]' | head -n 20
	done
	diff "$tmp/counters.nft" "$tmp/counters.zfwc" | grep -oE '^[<>] r[0-9]+' | cut -c3- | sort -u | while read -r r; do
		grep "comment \"$r\"" "$tmp/rules.nft"
	done
	return 1
}
