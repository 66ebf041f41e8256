# SPDX-License-Identifier: GPL-2.0-only
# Blocks.pm - sets, maps, chains, tables and commands.
package Blocks;
use strict;
use warnings;
use Exporter qw(import);
use Dice;
use Values;
use Matches;
use Statements;

our @EXPORT = qw(table commands);

# What typeof is written of, by type.
my %typeof = (
	addr4 => ["ip saddr", "ip daddr"], addr6 => ["ip6 saddr", "ip6 daddr"], port => ["tcp dport", "udp sport", "th dport"],
	proto => ["meta l4proto", "ip protocol"], mark => ["meta mark"], mac => ["ether saddr"], 	n8 => ["ip ttl", "ip6 hoplimit"], n16 => ["ip length", "ip id", "tcp window"], n32 => ["meta length", "tcp sequence"],
	iface => ["iifname"], icmp => ["icmp type"],
);
my @key_types = qw(addr4 addr4 addr6 port port proto mark mac icmp icmp6 dscp iface ether classid nfproto pkttype flag state);

sub time_of { any("30s", "1h", "1d2h3m4s", "90m", "2d", "7d") }

sub type_line {
	my ($key, $data) = @_;
	my @types = split / \. /, $key;

	return "type nonsense" if slip("type");
	my @all = (@types, defined $data && $data ne "verdict" ? split(/ \. /, $data) : ());
	my $typeof = !grep { !$typeof{$_} } @all;
	my $named = !grep { !$type_names{$_} } @all;
	my $words = sub { my ($of) = @_; join(" . ", map { ref $of->{$_} ? any(@{ $of->{$_} }) : $of->{$_} } split(/ \. /, $_[1])) };
	my $of = !$named || ($typeof && chance(20)) ? \%typeof : \%type_names;

	return ($of == \%typeof ? "typeof " : "type ") . $words->($of, $key) .
		(!defined $data ? "" : " : " . ($data eq "verdict" ? "verdict" : $words->($of, $data)));
}

sub key_type {
	return join(" . ", map { any(qw(addr4 addr6 port proto mark iface)) } 1 .. 2 + chance(25)) if chance(30);
	return any(qw(n8 n16 n32)) if chance(12);
	return any(@key_types);
}

sub keys_for {
	my ($key, $interval, $n) = @_;
	my @types = split / \. /, $key;

	return elements($key, $interval, $n) if @types == 1;
	return Matches::concatenated(\@types, $interval, $n);
}

sub attributes {
	my ($timeouts, $counters) = @_;

	return ($counters && chance(20) ? " counter packets " . dice(5) . " bytes " . dice(50) : "") .
		($timeouts && chance(30) ? " timeout " . time_of() : "") . (chance(6) ? " comment \"" . any("x", "y z") . "\"" : "");
}

# A set, or a map to 'data'.
sub set_block {
	my ($name, $key, $data, $chains) = @_;
	my $interval = chance(45) && !grep { $_ !~ /^(addr4|addr6|port|mark|mac|proto|n8|n16|n32|dscp|icmp)$/ } split / \. /, $key;
	my $timeouts = chance(15);
	my $counters = chance(10);
	my @flags = ($interval ? "interval" : (), $timeouts ? "timeout" : (), chance(5) && !$timeouts ? "constant" : (),
		chance(5) && !$interval ? "dynamic" : ());
	my @elements = keys_for($key, $interval, dice(5));
	my @lines = type_line($key, $data);

	@elements = grep { !/\*/ } @elements if $key =~ /iface/;
	push @elements, "*" if $data && chance(10) && $key !~ /iface/;
	@elements = map { $_ . attributes($timeouts, $counters) . ($data ? " : " . data($data, $chains) : "") } @elements;
	push @flags, "odd" if slip("flag of a set");
	push @lines, "flags " . join(",", @flags) if @flags;
	push @lines, "timeout " . (slip("time") ? "5fortnights" : time_of()) if $timeouts && chance(50);
	push @lines, "gc-interval " . time_of() if $timeouts && !$data && chance(20);
	push @lines, "size " . any(128, 65535) if chance(10);
	push @lines, "counter" if $counters;
	push @lines, "policy " . any("memory", "performance") if chance(6);
	push @lines, "auto-merge" if $interval && !$data && $key !~ / / && chance(40);
	push @lines, "comment \"a set\"" if chance(10);
	push @lines, any("elemnts = { }", "type", "type ipv4_addr", "flags", "size x") if slip("line of a set");
	@lines = grep { $_ !~ /^(type|typeof) / } @lines if slip("set without a type");
	push @lines, "elements = " . braces(@elements) if @elements;
	return ({ name => $name, key => $key, data => $data },
		"\t" . ($data ? "map" : "set") . " $name {\n" . join("", map { "\t\t$_\n" } @lines) . "\t}\n");
}

sub map_block {
	my ($name, $data, $chains) = @_;
	my $key = chance(25) ? join(" . ", map { any(qw(addr4 port proto)) } 1 .. 2) : any(qw(addr4 addr4 port icmp proto mark addr6));

	return set_block($name, $key, $data, $chains);
}

# ---- chains ----

my %hooks = (ip => ["prerouting"], ip6 => ["prerouting"], inet => [qw(prerouting prerouting prerouting ingress)], netdev => [qw(ingress ingress egress)]);

sub hook_line {
	my ($family) = @_;
	my $hook = any(@{ $hooks{$family} });
	my $device = $hook eq "prerouting" ? "" : chance(25) ? " devices = { " . join(",", "v0", "v1") . " }" : " device " . any(qw("v0" "v1" v0 v1));
	my $priority = any("filter", 0, "filter + 5", "filter - 3", -10, 7, $hook eq "prerouting" ? ("raw", "mangle", "raw + 1") : ());
	my $policy = chance(70) ? " policy " . any("accept", "drop") . ";" : "";

	$hook = any("input", "nowhere", "postrouting") if slip("hook");
	$device = any("", " device nosuch") if slip("device");
	$priority = any("sometimes", "filter +", "") if slip("priority");
	$policy = any(" policy jump x;", " policy reject;") if slip("policy");
	return ($hook, "type " . (slip("type of a chain") ? "nat" : "filter") . " hook $hook$device priority $priority;$policy");
}

sub chain_block {
	my ($name, $head, @rules) = @_;
	my @lines = ($head ? ($head, chance(6) ? "comment \"a chain\"" : ()) : (), @rules);

	return "\tchain $name {\n" . join("", map { "\t\t$_\n" } @lines) . "\t}\n";
}

sub objects {
	my ($text) = @_;
	my @objects;

	for my $i (1 .. dice(3)) {
		push @objects, ["counter", "c$i"];
		$$text .= "\tcounter c$i {\n" . (chance(70) ? "\t\tpackets " . dice(9) . " bytes " . dice(99) . "\n" : "") . "\t}\n";
	}
	for my $i (1 .. dice(2)) {
		push @objects, ["limit", "l$i"];
		$$text .= "\tlimit l$i {\n\t\t" . rate() . "\n\t}\n";
	}
	return @objects;
}

# The table's text, and what commands may speak of.
sub table {
	my ($family, $name) = @_;
	my (@sets, $text);
	my $regular = dice(3);
	my @targets = map { "r$_" } 1 .. $regular;

	$text = "table $family $name {\n";
	$text .= "\tcomment \"table $name\"\n" if chance(10);
	my @objects = objects(\$text);
	for my $i (1 .. dice(4)) {
		my ($set, $block) = chance(25) ? map_block("m$i", any("mark", "addr4", "port", "addr4 . port", "addr6")) : set_block("s$i", key_type());
		push @sets, $set;
		$text .= $block;
		$text .= $block if slip("set twice");
	}
	# Maps may lead to any chain, chains to later ones: no loops.
	if (@targets && chance(40)) {
		my ($map, $block) = map_block("v1", "verdict", \@targets);
		push @sets, $map;
		$text .= join("", map { "\tchain $_ {\n\t}\n" } @targets) . $block;
	}
	my @plain = grep { !$_->{data} || $_->{data} ne "verdict" } @sets;
	for my $i (reverse 1 .. $regular) {
		my @later = map { "r$_" } $i + 1 .. $regular;
		$text .= chain_block("r$i", "", map { rule($family, \@plain, \@objects, \@later, $family eq "netdev" ? "egress" : "any") } 1 .. dice(4));
	}
	for my $i (1 .. 1 + dice(2)) {
		my ($hook, $line) = hook_line($family);
		$text .= chain_block("b$i", $line, map { rule($family, \@sets, \@objects, \@targets, $hook) } 1 .. dice(6));
	}
	return ({ family => $family, name => $name, sets => \@sets, objects => \@objects, chains => \@targets }, $text . "}\n");
}

# ---- commands ----

sub command {
	my ($t) = @_;
	my $where = "$t->{family} $t->{name}";
	my $set = any(@{ $t->{sets} }, undef);
	my $rule = rule($t->{family}, $t->{sets}, $t->{objects}, [], "any");
	my $kind = dice(12);

	return any("add rule $where", "delete table $where x", "add", "create table $where", "delete set $where nosuch", "frob $where",
		"delete chain $where nosuch", "add element $where nosuch { 1 }", "delete rule $where b1 handle 9999",
		"insert rule $where b1 index 77 accept", "create chain $where b1", "delete element $where s1 { 1 }") if slip("command");
	return "add rule $where b1 $rule" if $kind < 2;
	return "insert rule $where b1 $rule" if $kind < 4;
	return "add rule $where b1 accept\nadd rule $where b1 index 0 $rule" if $kind == 4;
	return "add chain $where n" . dice(3) if $kind == 5;
	return "add chain $where b" . dice(99) . "x { type filter hook prerouting priority " . dice(9) . "; }"
		if $kind == 6 && $t->{family} ne "netdev";
	return "flush chain $where r1" if $kind == 7 && @{ $t->{chains} };
	return "add element $where $set->{name} { " . join(", ", keys_for($set->{key}, 0, 2)) . " }"
		if $kind < 10 && $set && !$set->{data} && $set->{key} =~ /^(addr|mac|n\d)/;
	return any("add", "create") . " counter $where k" . dice(999) if $kind == 10;
	return "add counter $where k" . dice(999) . " { packets 3 bytes 4 }" if $kind == 11;
	return "add set $where z" . dice(3) . " { type ipv4_addr; }";
}

sub commands {
	my (@tables) = @_;
	return join("", map { command(any(@tables)) . "\n" } 1 .. dice(5));
}

1;
