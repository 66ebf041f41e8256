# SPDX-License-Identifier: GPL-2.0-only
# Statements.pm - what a rule does, and rules.
package Statements;
use strict;
use warnings;
use Exporter qw(import);
use Dice;
use Values;
use Matches;

our @EXPORT = qw(rule verdict rate data);

sub verdict {
	my ($chains) = @_;

	return "jump " . any("nowhere", "b1", "r1") if slip("jump to nowhere or in a circle");
	return any("accept", "drop", "continue", "return", map { ("jump $_", "goto $_") } @$chains);
}

sub rate {
	my $unit = any(qw(second minute hour day week));
	my $over = chance(25) ? "over " : "";

	return "rate $over" . any(0, "5/fortnight", "x/second", "5/") if slip("rate");
	return "rate $over" . (1 + dice(1000)) . "/$unit" . (chance(40) ? " burst " . (1 + dice(50)) . " packets" : "") if chance(60);
	return "rate $over" . (1 + dice(100)) . " " . any(qw(bytes/second bytes/week kbytes/hour mbytes/minute)) .
		(chance(30) ? " burst " . (1 + dice(50)) . " " . any(qw(bytes kbytes)) : "");
}

sub named {
	my ($kind, $objects) = @_;
	my @names = map { $_->[1] } grep { $_->[0] eq $kind } @$objects;

	@names = ("nosuch") if slip("object that isn't there");
	return "" unless @names;
	return "$kind name " . any(map { ($_, "\"$_\"") } @names);
}

sub log_statement {
	return "log " . any("level loud", "prefix", "group 99999999", "flags tcp none") if slip("option of log");
	return "log group " . dice(10) . (chance(40) ? " snaplen " . dice(200) : "") . (chance(40) ? " queue-threshold " . dice(20) : "")
		if chance(20);
	return "log" . (chance(70) ? " prefix \"" . any("a", "drop: ", "x y", "it's {") . "\"" : "") .
		(chance(40) ? " level " . any(qw(emerg alert crit err warn notice info debug)) : "") .
		(chance(30) ? " flags " . any("tcp sequence", "tcp options", "tcp sequence,options", "ip options", "skuid", "ether", "all") : "");
}

# Data of a map, by its kind.
sub data {
	my ($kind, $chains) = @_;
	return $kind eq "verdict" ? verdict($chains) : join(" . ", map { single($_) } split / \. /, $kind);
}

# 'key map' of this kind of data, or "".
sub mapping {
	my ($s, $sets, $kind) = @_;
	my @maps = grep { $_->{data} && $_->{data} eq $kind } @$sets;

	for my $map (@maps) {
		my $left = lookup($s, $map->{key});
		return "$left map \@$map->{name}" if $left && chance(70);
	}
	my ($field) = grep { $_->[1] =~ /^(addr4|addr6|port|n8|mark|icmp)$/ && $_->[0] !~ /^(th|mark)/ } fields_for($s);
	return "" unless $field;
	my @keys = elements($field->[1], chance(40), 1 + dice(3));
	push @keys, "*" if chance(15);
	return "$field->[0] map " . braces(map { "$_ : " . data($kind) } @keys);
}

sub set_statement {
	my ($s, $sets) = @_;
	my $map = chance(25) ? mapping($s, $sets, "mark") : "";

	return "meta " . any("length", "l4proto", "iifname") . " set 1" if slip("set of another field");
	return any("meta mark", "mark") . " set $map" if $map;
	return "meta priority set " . single("classid") if chance(15);
	return "meta mark set " . any(single("mark"), "meta mark & 0xff", "meta mark | 0x10", "meta mark ^ 0x3", "mark and 0xff or 0x100",
		"meta mark & 0xffffff00 | 0x1", "meta mark xor 1 and 0xf");
}

sub statement {
	my ($s, $sets, $objects) = @_;
	my $kind = dice(12);

	return log_statement() if $kind == 0;
	return "limit " . rate() if $kind == 1;
	return set_statement($s, $sets) if $kind < 4;
	return named("limit", $objects) || "counter" if $kind == 4;
	return named("counter", $objects) || "counter" if $kind < 7;
	return chance(20) ? "counter packets " . dice(9) . " bytes " . dice(99) : "counter";
}

# ---- ends of rules ----

sub vmap {
	my ($s, $sets, $chains) = @_;
	my @maps = grep { $_->{data} && $_->{data} eq "verdict" } @$sets;

	for my $map (@maps) {
		my $left = lookup($s, $map->{key});
		return "$left vmap \@$map->{name}" if $left && chance(70);
	}
	my @fields = grep { $_->[1] =~ /^(addr4|addr6|port|icmp|n8|state|iface|mark|proto)$/ && $_->[0] !~ /^mark/ } fields_for($s);
	return verdict($chains) unless @fields;
	my ($field, $type) = @{ any(@fields) };
	my @keys = elements($type, chance(40) && $type ne "state", 1 + dice(4));
	push @keys, "*" if chance(15) && $type !~ /state|iface/;
	return "$field vmap " . braces(map { "$_ : " . verdict($chains) } @keys);
}

sub reject {
	my ($s) = @_;
	my ($family, $version, $protocol) = @$s{qw(family version protocol)};
	my @with = ("reject");

	push @with, "reject with tcp reset" if $protocol eq "tcp";
	push @with, "reject with icmpx " . any(qw(port-unreachable admin-prohibited no-route host-unreachable)) if $family eq "inet";
	push @with, "reject with icmp " . any(qw(port-unreachable net-unreachable host-prohibited admin-prohibited), 3)
		if $version == 4 || ($family eq "inet" && !$version);
	push @with, "reject with icmpv6 " . any(qw(port-unreachable no-route admin-prohibited), "type no-route")
		if $version == 6 || ($family eq "inet" && !$version);
	@with = ("reject with icmp no-route", "reject with icmpx net-unreachable", "reject with icmpv6 host-prohibited", "reject with tcp",
		"reject with icmp 333", "reject with icmpv6 type no-route", "reject with icmp type port-unreachable", "reject with tcp reset")
		if slip("reject");
	return any(@with);
}

sub tproxy {
	my ($s, $sets) = @_;
	my ($family, $version, $protocol) = @$s{qw(family version protocol)};
	my $to = $family eq "inet" ? ($version == 4 ? "ip to" : $version == 6 ? "ip6 to" : "to") : "to";
	my $kind = $version == 4 ? "addr4" : "addr6";
	my $addr = !$version ? "" : $version == 4 ? "127.0.0.1" : any("[::1]", "[fd00::5]");
	my $port = ":" . any(50080, 1, 65535); # nft 1.0.6 doesn't list a port that is a map
	my $map = $version && chance(30) ? mapping($s, $sets, $kind) : "";

	return "tproxy " . any("ip to", "ip6 to", "to 300.0.0.1", "to :http", "to :99999", "to") . " " . any(":22", "1.2.3.4") if slip("tproxy");
	return "tproxy $to " . $map . any("", $port) if $map;
	return "tproxy $to $addr" if $addr && chance(20);
	return "tproxy $to $addr$port";
}

# ---- rules ----

sub ending {
	my ($s, $sets, $chains, $hook, @parts) = @_;

	return vmap($s, $sets, $chains) if chance(15);
	# In inet, nft doesn't list this behind a match of the link header.
	return reject($s) if $hook =~ /prerouting/ && !grep { /\bether / } @parts and chance(10);
	return tproxy($s, $sets) . any("", " accept", " meta mark set 1 accept", " counter") if $hook =~ /prerouting/
		&& $s->{protocol} =~ /^(tcp|udp)$/ && chance(15);
	return chance(80) ? verdict($chains) : ();
}

my @rubbish = ("frobnicate", "tcp dprot 22", "drop drop", "ip saddr", "meta mark set", "}", "{", "jump", "accept tcp dport 1", "ip", "== 5",
	"counter name", "& 0xff", "limit", "limit rate", "log prefix", "\"", "ct state nwe", "ct mark set 3", "vmap { }", "@", "\$", ";;",
	"tcp dport { }", "tcp dport vmap { 22 : accept, 22 : drop }", "tcp flags & syn", "ip ttl & 1 & 2", "meta", "iifname", "th", "icmp",
	"tcp dport { 1-5, 3-9 } udp dport 3", "meta l4proto 6 udp dport 5", "ip6 saddr ::1 ip saddr 1.1.1.1");

# nft joins two values of neighbouring fields to one load though there is a
# statement between, which then acts on other packets than it was written for.
sub joined_past_statement {
	my ($next, @before) = reverse @_;
	my ($header) = $next =~ /^(ip6?|\w+) \S+ (?:== |!= )?(?:\{ )?[^\s{\@,]+(?: \})?$/ or return 0;
	my $statement = 0;

	for my $part (@before) {
		$statement ||= $part =~ /^(counter|limit|log|mark set|meta \w+ set)/;
		return 1 if $statement && $part =~ /^$header /;
	}
	return 0;
}

# It joins these too, and so takes "some of the flags" for "just these flags", and
# what is matched of a frame with the type that 'ip' implies.  Two values of one
# field it lists in another order each time.
sub joined_otherwise {
	my @parts = @_;
	my ($field) = $parts[-1] =~ /^(\S+ \S+) [^{]*$/;

	return 1 if defined $field && scalar(grep { /^\Q$field\E / } @parts) > 1;
	return 1 if scalar(grep { /^ether / } @parts) && grep { /^ip/ } @parts;
	return scalar(grep { /^tcp flags/ } @parts) && scalar(grep { /^tcp window/ } @parts);
}

sub rule {
	my ($family, $sets, $objects, $chains, $hook) = @_;
	my $s = subject($family);
	my @parts = dependencies($s);

	$s->{no_link} = $hook =~ /egress/;
	for (1 .. any(1, 1, 2, 2, 3, 4)) {
		my $next = chance(15) ? concatenation($s, $sets) : match($s, $sets);
		push @parts, $next unless joined_past_statement(@parts, $next) || joined_otherwise(@parts, $next);
		push @parts, statement($s, $sets, $objects) if chance(25);
	}
	push @parts, "$s->{protocol} dport " . dice(99) if $s->{protocol} =~ /^(tcp|udp)$/ && !grep { /^$s->{protocol}/ } @parts;
	unshift @parts, statement($s, $sets, $objects) if chance(8);
	push @parts, statement($s, $sets, $objects) if chance(35);
	push @parts, ending($s, $sets, $chains, $hook, @parts);
	splice(@parts, dice(@parts + 1), 0, any(@rubbish)) if slip("rubbish");
	return join(" ", @parts) . (chance(8) ? " comment \"" . any("a", "b c", "x-y", "# no") . "\"" : "");
}

1;
