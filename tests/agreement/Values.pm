# SPDX-License-Identifier: GPL-2.0-only
# Values.pm - what fields are compared with: words, numbers, ranges, elements.
package Values;
use strict;
use warnings;
use Exporter qw(import);
use Dice;

our @EXPORT = qw(single range prefix element elements number can_range %max %type_names start_values definitions hoist);

# As in the heads of sets.
our %type_names = (
	addr4 => "ipv4_addr", addr6 => "ipv6_addr", port => "inet_service", proto => "inet_proto", mark => "mark",
	mac => "ether_addr", icmp => "icmp_type", icmp6 => "icmpv6_type", icmpc => "icmp_code", icmp6c => "icmpv6_code",
	dscp => "dscp", ecn => "ecn", iface => "ifname", ether => "ether_type", pkttype => "pkt_type", state => "ct_state",
	flag => "tcp_flag", nfproto => "nf_proto", fib => "fib_addrtype", classid => "classid", iif => "iface_index",
	bool => "boolean",
);

my %symbols = (
	port    => [qw(ssh domain http https ntp)],
	proto   => [qw(tcp udp icmp ipv6-icmp esp ah sctp gre)],
	dscp    => [qw(cs0 cs1 af11 af41 ef)],
	ecn     => [qw(not-ect ect0 ect1 ce)],
	icmp    => [qw(echo-request echo-reply destination-unreachable time-exceeded redirect)],
	icmp6   => [qw(echo-request echo-reply packet-too-big nd-neighbor-solicit mld-listener-query)],
	icmpc   => [qw(net-unreachable host-unreachable port-unreachable admin-prohibited)],
	icmp6c  => [qw(no-route admin-prohibited addr-unreachable port-unreachable)],
	ether   => [qw(ip ip6 arp vlan)],
	pkttype => [qw(host broadcast multicast other)],
	state   => [qw(new established related invalid untracked)],
	flag    => [qw(fin syn rst psh ack urg ecn cwr)],
	nfproto => [qw(ipv4 ipv6)],
	fib     => [qw(unicast local broadcast multicast)],
	iface   => [qw("v0" "v1" "lo" "v*" v0 lo)],
	iif     => [qw("v0" "v1" "lo" v0 lo)],
	classid => [qw(1:10 2:20 bcad:dadc none)],
	bool    => [0, 1],
);
our %max = (
	port => 65535, proto => 255, dscp => 63, ecn => 3, icmp => 255, icmp6 => 255, icmpc => 255, icmp6c => 255,
	ether => 65535, mark => 0xffffffff, n4 => 15, n8 => 255, n16 => 65535, n20 => 1048575, n32 => 0xffffffff,
);
my %words_only = map { $_ => 1 } qw(pkttype state flag nfproto fib iface iif classid bool);

# ---- variables ----

my @definitions;

# Starts a file, in which values may have names.
sub start_values {
	my ($named) = @_;
	@definitions = $named ? ("define d0 = 1\n") : ();
}
sub definitions { @definitions }

# The value by name, now and then.
sub hoist {
	my ($value, $percent) = @_;

	return $value unless @definitions && chance($percent // 3);
	push @definitions, "define d" . @definitions . " = $value\n";
	return '$d' . ($#definitions) unless slip("undefined variable");
	return '$e' . ($#definitions);
}

# ---- one value ----

sub addr4 { join(".", any(10, 192, 172, 100), dice(3), dice(4), dice(256)) }
sub addr6 { any("2001:db8::", "fe80::", "fd00:1:2::") . sprintf("%x", 1 + dice(65535)) }
sub mac { join(":", map { sprintf("%02x", dice(256)) } 1 .. 6) }

sub number {
	my ($max) = @_;
	my $n = slip("number out of range") ? $max + 1 : any(0, 1, $max, dice($max + 1), dice($max + 1));

	return chance(10) ? sprintf("0x%x", $n) : $n;
}

sub wrong_value {
	return any('"oops"', 77777777777, "nonsense", addr6(), "10.0.0.256", "1::2::3", "0x", "22x", "10.1.2", "-1", "@", "*",
		"{ }", "1-2-3", "99999999999999999999999", "aa:bb:cc:dd:ee", "1.2.3.4/33");
}

# Not a range.
sub single {
	my ($type) = @_;
	my $value = single_of($type);

	return wrong_value() if slip("value of another type");
	return hoist($value);
}

sub single_of {
	my ($type) = @_;

	return addr4() if $type eq "addr4";
	return addr6() if $type eq "addr6";
	return mac() if $type eq "mac";
	return sprintf("0x%08x", number_plain(0xffffffff)) if $type eq "mark" && chance(50);
	return any(@{ $symbols{$type} }) if $symbols{$type} && ($words_only{$type} || chance(50));
	return number($max{$type});
}

sub number_plain { any(0, 1, $_[0], dice($_[0] + 1)) }

# ---- several values ----

sub can_range { my ($type) = @_; $type =~ /^addr/ || $type eq "mac" || $max{$type} }

# Of the i-th of n parts of all numbers, so that no two overlap.  Not the last of
# a field that isn't whole bytes: nft 1.0.6 takes that for larger than it is.
sub bounds {
	my ($type, $i, $n) = @_;
	my $share = int(($max{$type} + ($type =~ /^(dscp|ecn|n4|n20)$/ ? 0 : 1)) / $n) || 1;
	my $lo = $i * $share + dice($share);
	my $hi = $lo + dice(($i + 1) * $share - $lo);

	return ($lo, $hi);
}

sub ordered {
	my ($lo, $hi) = @_;
	return slip("range the wrong way round") ? "$hi-$lo" : "$lo-$hi";
}

sub range {
	my ($type, $i, $n) = @_;

	($i, $n) = (0, 1) unless $n;
	if ($type eq "addr4") {
		my $lo = dice(200);
		return ordered("10.$i.2.$lo", "10.$i." . (2 + dice(3)) . "." . ($lo + 1 + dice(54)));
	}
	return ordered("fd00:$i" . "::" . (1 + dice(9)), "fd00:$i" . "::" . (10 + dice(80))) if $type eq "addr6";
	return ordered(sprintf("00:11:22:33:%02x:0%d", $i, dice(8)), sprintf("00:11:22:33:%02x:%d", $i, 10 + dice(80)))
		if $type eq "mac";
	my ($lo, $hi) = bounds($type, $i, $n);
	$hi++ if $lo == $hi && $hi < $max{$type} && $n == 1;
	return $lo == $hi ? $lo : ordered($lo, $hi);
}

sub prefix {
	my ($type, $i) = @_;

	if ($type eq "addr4") {
		my $len = any(16, 20, 24, 28, 31, 32);
		my $n = unpack("N", pack("C4", 10, $i // dice(250), dice(256), dice(256)));
		$n &= 0xffffffff << (32 - $len) & 0xffffffff unless slip("host bits set");
		return join(".", unpack("C4", pack("N", $n))) . "/" . (slip("prefix too long") ? 33 : $len);
	}
	return sprintf("fd01:%x:%x::/%d", $i // dice(250), dice(65536), any(48, 56, 64, 127)) if $type eq "addr6";
	return single($type);
}

# The i-th of n that don't overlap.
sub element {
	my ($type, $interval, $i, $n) = @_;

	$i //= 0;
	$n //= 1;
	return wrong_value() if slip("element of another type");
	if ($interval && can_range($type)) {
		return prefix($type, $i) if $type =~ /^addr/ && chance(30);
		return range($type, $i, $n) if chance(40);
	}
	return "10.$i." . dice(256) . "." . dice(256) if $type eq "addr4";
	return sprintf("fd00:%x::%x", $i, 1 + dice(65535)) if $type eq "addr6";
	return sprintf("00:11:22:33:%02x:%02x", $i, dice(256)) if $type eq "mac";
	return $max{$type} ? (bounds($type, $i, $n))[0] : single($type);
}

sub shuffled { map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { [rand, $_] } @_ }

sub elements {
	my ($type, $interval, $n) = @_;

	return () if !$n;
	return some($n, @{ $symbols{$type} }[0 .. 2]) if $type eq "iface";
	return some($n, @{ $symbols{$type} }) if $symbols{$type} && ($words_only{$type} || chance(30));
	$n = $max{$type} if $max{$type} && $n > $max{$type};
	my @all = shuffled(map { element($type, $interval, $_, $n) } 0 .. $n - 1);
	push @all, any(@all) if slip("duplicate element");
	push @all, prefix($type, 0), prefix($type, 0) =~ s/\d+$/16/r if $type eq "addr4" && $interval && slip("overlap");
	return @all;
}

1;
