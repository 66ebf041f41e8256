# SPDX-License-Identifier: GPL-2.0-only
# Matches.pm - what a rule asks of a packet.  A rule has a subject: the headers
# that its packets have, so that its matches don't contradict one another.
package Matches;
use strict;
use warnings;
use Exporter qw(import);
use Dice;
use Values;

our @EXPORT = qw(subject fields_for dependencies match concatenation lookup key_of operator braces);

# spelling, type, version of IP, protocol; type "-" of meta stands for any.
my @fields = (
	["ip saddr", "addr4", 4], ["ip daddr", "addr4", 4], ["ip protocol", "proto", 4], ["ip dscp", "dscp", 4],
	["ip ecn", "ecn", 4], ["ip length", "n16", 4], ["ip id", "n16", 4], ["ip frag-off", "n16", 4], ["ip ttl", "n8", 4],
	["ip checksum", "n16", 4], ["ip hdrlength", "n4", 4], ["ip version", "n4", 4],
	["ip6 saddr", "addr6", 6], ["ip6 daddr", "addr6", 6], ["ip6 nexthdr", "proto", 6], ["ip6 dscp", "dscp", 6],
	["ip6 ecn", "ecn", 6], ["ip6 length", "n16", 6], ["ip6 hoplimit", "n8", 6], ["ip6 flowlabel", "n20", 6],
	["tcp sport", "port", 0, "tcp"], ["tcp dport", "port", 0, "tcp"], ["tcp flags", "flag", 0, "tcp"],
	["tcp window", "n16", 0, "tcp"], ["tcp sequence", "n32", 0, "tcp"], ["tcp ackseq", "n32", 0, "tcp"],
	["tcp doff", "n4", 0, "tcp"], ["tcp checksum", "n16", 0, "tcp"], ["tcp urgptr", "n16", 0, "tcp"],
	["udp sport", "port", 0, "udp"], ["udp dport", "port", 0, "udp"], ["udp length", "n16", 0, "udp"],
	["udp checksum", "n16", 0, "udp"],
	["sctp sport", "port", 0, "sctp"], ["sctp dport", "port", 0, "sctp"], ["sctp vtag", "n32", 0, "sctp"],
	["dccp dport", "port", 0, "dccp"], ["udplite sport", "port", 0, "udplite"], ["udplite csumcov", "n16", 0, "udplite"],
	["th sport", "port", 0, "th"], ["th dport", "port", 0, "th"],
	["icmp type", "icmp", 4, "icmp"], ["icmp code", "icmpc", 4, "icmp"], ["icmp id", "n16", 4, "icmp"],
	["icmp sequence", "n16", 4, "icmp"], ["icmp checksum", "n16", 4, "icmp"], ["icmp mtu", "n16", 4, "icmp"],
	["icmpv6 type", "icmp6", 6, "ipv6-icmp"], ["icmpv6 code", "icmp6c", 6, "ipv6-icmp"],
	["icmpv6 id", "n16", 6, "ipv6-icmp"], ["icmpv6 mtu", "n32", 6, "ipv6-icmp"],
	["meta mark", "mark"], ["meta length", "n32"], ["meta pkttype", "pkttype"], ["meta priority", "classid"],
	["meta cpu", "n32"], ["mark", "mark"], ["iifname", "iface"], ["meta iifname", "iface"], ["iif", "iif"],
	["oifname", "iface"], ["ether saddr", "mac"], ["ether daddr", "mac"],
	["ct state", "state"], ["socket transparent", "bool"], ["socket mark", "mark"],
	["fib daddr type", "fib"], ["fib saddr . iif type", "fib"],
);
my %rare = map { $_ => 1 } qw(ct socket fib ether iif oifname);

# What the packets of a rule in a table of this family are: version of IP (0:
# either), protocol ("": any).
sub subject {
	my ($family) = @_;
	my $version = $family eq "ip" ? 4 : $family eq "ip6" ? 6 : any(0, 0, 4, 4, 6);
	my $protocol = any("", "", "", qw(tcp tcp tcp udp udp sctp dccp udplite th), $version == 4 ? ("icmp") x 2 : (),
		$version == 6 ? ("ipv6-icmp") x 2 : ());

	# nft 1.0.6 takes '<' with a '>' behind it, and '>=' with a '<=', for a range,
	# of whatever fields.
	my $orders = any(["<", "lt", "<=", "le"], [">", "gt"]);

	return { family => $family, version => $version, protocol => $protocol, orders => $orders,
		icmp => any("type|code|checksum", "id|sequence", "mtu") };
}

sub fits {
	my ($field, $s) = @_;
	my ($name, undef, $version, $protocol) = @$field;

	return 0 if $s->{family} eq "netdev" && $name =~ /^(ct|socket|fib)/;
	return 0 if $name =~ /^icmp(v6)? / && $name !~ / ($s->{icmp})$/;
	return 0 if $s->{no_link} && $name =~ /^ether/;
	return (!$version || $version == $s->{version}) && (!$protocol || $protocol eq $s->{protocol});
}

sub fields_for {
	my ($s) = @_;

	return @fields if slip("field of another header");
	my @all = grep { fits($_, $s) } @fields;
	my @headers = grep { $_->[2] || $_->[3] } @all;
	return @headers if @headers && chance(70);
	return grep { !$rare{ (split / /, $_->[0])[0] } || chance(40) } @all;
}

# What other matches imply, written out.
sub dependencies {
	my ($s) = @_;
	my ($family, $version, $protocol) = @$s{qw(family version protocol)};
	my @all;

	# nft leaves the version out behind a protocol that is for one of them only,
	# though that alone doesn't imply it.
	$version = 0 if $protocol =~ /icmp/;
	push @all, "meta nfproto ipv$version" if $family eq "inet" && $version && chance(12);
	push @all, "meta protocol " . ($version == 4 ? "ip" : "ip6")
		if $family eq "netdev" && $version && chance(30);
	return @all if !$protocol;
	if ($protocol eq "th") {
		push @all, "meta l4proto " . any("tcp", "udp", "{ tcp, udp }", "{ udp, sctp }") if chance(60);
	} elsif (chance(35)) {
		my @ways = "meta l4proto $protocol";
		push @ways, "ip protocol $protocol" if $version == 4;
		push @ways, "ip6 nexthdr $protocol" if $version == 6;
		push @all, any(@ways);
	}
	return $all[0] && $protocol ne "th" && slip("another protocol") ? "meta l4proto gre" : @all;
}

# ---- one match ----

sub operator { chance(20) ? "!= " : chance(10) ? "== " : "" }

sub braces {
	my $between = slip("a comma is missing") ? " " : ", ";

	return hoist("{ " . join($between, @_) . (chance(5) ? ", }" : " }"), 2);
}

sub flags_match {
	my ($field, $type) = @_;
	my @some = some(1 + dice(3), $type eq "flag" ? qw(fin syn rst psh ack urg ecn cwr) : qw(new established related invalid));
	my $list = join(",", @some);
	my $bits = "(" . join("|", @some) . ")";

	return "$field $list" if chance(30);
	return "$field " . operator() . (@some > 1 ? braces(@some) : $some[0]) if $type eq "state" || chance(20);
	return any("$field & $bits == $some[0]", "$field & $bits != $some[0]", "$field & $bits == 0", "$field & $bits != 0",
		"$field $some[0] / $list", "$field != $some[0] / $list", "$field ! $some[0]", "$field == $list", "$field != $list",
		"$field == " . join("|", @some), "$field & $some[0] == $some[0]",
		"$field & (fin|syn|rst|ack) == syn");
}

# Of bits of the field.
sub masked {
	my ($field, $type) = @_;

	return "$field & " . any("255.255.0.0 == 10.1.0.0", "0.0.0.255 != 0.0.0.7", "255.0.255.0 == 10.0.3.0", "255.255.0.0 10.2.0.0")
		if $type eq "addr4";
	return "$field & " . any("ffff:ffff:: == fd00:1::", "::ffff == ::5") if $type eq "addr6";
	my $bits = sprintf(any("0x%x", "%d"), 1 + dice($max{$type}));
	return any("$field & $bits == " . dice(3), "$field & $bits != 0", "$field and $bits " . dice(3),
		"$field & $bits == { 1, 2 }", "$field | $bits == $max{$type}", "$field ^ $bits != 0",
		"$field & (2 | 1) == 1");
}

sub match {
	my ($s, $sets) = @_;
	my ($field, $type) = @{ any(fields_for($s)) };
	my @named = grep { !$_->{data} && $_->{key} eq $type } @$sets;

	return flags_match($field, $type) if $type eq "flag" || $type eq "state";
	return "$field " . operator() . '@' . any(@named)->{name} if @named && chance(60);
	return "$field @" . any("nosuch", map { $_->{name} } @$sets) if slip("set of another type");
	return "$field " . any(@{ $s->{orders} }, ">= 5 $field <=") . " " . (5 + dice($max{$type} - 5))
		if $max{$type} && $type =~ /^(n\d|mark|port|dscp)/ && chance(15);
	return masked($field, $type) if $type =~ /^(n8|n16|n32|mark|addr4|addr6)$/ && chance(12);
	my $operator = $type eq "fib" || $type eq "bool" ? "" : operator();
	# One value would say what the other headers contradict, or say again.
	return "$field " . any("!= ", "") . (10 + dice(20)) . "-" . (100 + dice(100)) if $type eq "proto" && $s->{protocol} && $s->{protocol} !~ /icmp/;
	return match($s, $sets) if $type eq "proto" && $s->{protocol};
	return "$field $operator" . single($type) if chance(40);
	return "$field $operator" . element($type, 1) if chance(40);
	return "$field $operator" . braces(elements($type, 1, 1 + dice(4)));
}

# ---- concatenations ----

my $concatenable = qr/^(addr4|addr6|port|proto|mark|mac|iface|icmp6?)$/;

# Two or three fields: their names and types.  nft 1.0.6 takes fields of less
# than a byte for others when it lists a concatenation.
sub key_of {
	my ($s) = @_;
	my %seen;
	my @all = grep { $_->[1] =~ $concatenable && $_->[0] !~ /^(th|mark|meta iifname|ip protocol|ip6 nexthdr)/ && !$seen{ $_->[0] }++ }
		map { fits($_, $s) ? $_ : () } @fields;
	my @headers = grep { $_->[2] || $_->[3] } @all;
	my @key = some(2 + chance(30), @headers >= 2 && chance(60) ? @headers : @all);

	return @key;
}

sub concatenated {
	my ($types, $interval, $n) = @_;
	my @columns = map { my @column = elements($_, $interval, $n); \@column } @$types;
	my ($least) = sort { $a <=> $b } map { scalar @$_ } @columns;

	return map { my $i = $_; join(" . ", map { $_->[$i] } @columns) } 0 .. $least - 1;
}

sub concatenation {
	my ($s, $sets) = @_;
	my @key = key_of($s);
	my @types = map { $_->[1] } @key;
	my $left = join(" . ", map { $_->[0] } @key);
	my @named = grep { !$_->{data} && $_->{key} eq join(" . ", @types) } @$sets;

	pop @types if slip("parts of a concatenation");
	return "$left " . operator() . '@' . any(@named)->{name} if @named && chance(80);
	return "$left " . operator() . braces(concatenated(\@types, chance(40), 1 + dice(3)));
}

# Keys of a set or map of this type; a left side that has it, or "".
sub lookup {
	my ($s, $key) = @_;
	my @left;

	for my $type (split / \. /, $key) {
		my @ok = grep { fits($_, $s) && $_->[1] eq $type && $_->[0] !~ /^(mark|th)/ } @fields;
		return "" if !@ok;
		push @left, any(@ok)->[0];
	}
	return join(" . ", @left);
}

1;
