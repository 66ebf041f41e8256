#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# agreement.t - random files: zfwc and the installed nft must agree about them.
#
#	tests/agreement.t [SEED [FILES]]
#
# Each file is random text within the language, one in four with a mistake.
#
#	what zfwc accepts, nft accepts, and 'nft list ruleset' after loading it
#	equals 'zfwc fmt' of the file, zfwc's own listing, and that of its JSON;
#	what nft refuses, zfwc refuses;
#	what nft accepts, zfwc accepts or refuses as not supported.
#
# File number N of seed S is made from S + N alone: 'agreement.t S+N 1' makes it
# again.  Known differences, each with its reason, are in %known below and in
# same_text().
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

my $src   = $ENV{SRCDIR} // abs_path(dirname($0) . "/..");
my $build = $ENV{BUILDDIR} // "$src/build";
my $zfwc  = $ENV{ZFWC} // "$build/zfwc";
my $seed  = $ARGV[0] // 555000;
my $files = $ARGV[1] // 2000;
my $keep  = $ENV{KEEP}; # show every file
my $ns    = "zfwc-agreement-$$";
my $tmp   = tempdir("zfwc-agreement-XXXXXX", TMPDIR => 1, CLEANUP => 1);

sub skip_all {
	print "1..0 # SKIP $_[0]\n";
	exit 0;
}
skip_all("needs root") if $> != 0;
skip_all("no nft") if system("nft --version >/dev/null 2>&1");
system("ip", "netns", "add", $ns) == 0 or skip_all("no network namespaces");
END { my $status = $?; system("ip netns del $ns 2>/dev/null") if $ns; $? = $status; }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);
system("ip netns exec $ns ip link add v0 type veth peer name v1") == 0 or die;

# ---- dice ----

sub dice { int(rand($_[0])) }
sub chance { rand(100) < $_[0] }
sub any { $_[dice(scalar @_)] }

my $mistakes; # may the file have some?
sub slip { $mistakes && chance(3) }

# ---- values ----

sub addr4 { join(".", any(10, 192, 172, 100), dice(3), dice(4), dice(256)) }
sub addr6 { any("2001:db8::", "fe80::", "fd00:1:2::") . sprintf("%x", 1 + dice(65535)) }

sub prefix4 {
	my $len = any(8, 16, 20, 24, 28, 31, 32);
	my $n = unpack("N", pack("C4", split(/\./, addr4())));
	$n &= 0xffffffff << (32 - $len) & 0xffffffff;
	return join(".", unpack("C4", pack("N", $n))) . "/" . (slip() ? 33 : $len);
}

sub number { my ($max) = @_; slip() ? $max + 1 : any(0, 1, $max, dice($max + 1), dice($max + 1)) }

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
	pkttype => [qw(host unicast broadcast multicast other)],
	state   => [qw(new established related invalid untracked)],
	flag    => [qw(fin syn rst psh ack urg ecn cwr)],
	nfproto => [qw(ipv4 ipv6)],
	fib     => [qw(unicast local broadcast multicast blackhole unreachable prohibit)],
	iface   => [qw("v0" "v1" "lo" "v*")],
);
my %max = (
	port => 65535, proto => 255, dscp => 63, ecn => 3, icmp => 255, icmp6 => 255, icmpc => 255, icmp6c => 255,
	ether => 65535, mark => 0xffffffff, n4 => 15, n8 => 255, n16 => 65535, n20 => 1048575, n32 => 0xffffffff,
);
my %words_only = map { $_ => 1 } qw(pkttype state flag nfproto fib iface);

# One value of a type, not a range.
sub single {
	my ($type) = @_;

	return any(addr4(), '"oops"', 77777777777, "nonsense", addr6()) if slip();
	return addr4() if $type eq "addr4";
	return addr6() if $type eq "addr6";
	return join(":", map { sprintf("%02x", dice(256)) } 1 .. 6) if $type eq "mac";
	return sprintf("0x%08x", number(0xffffffff)) if $type eq "mark" && chance(50);
	return any(@{ $symbols{$type} }) if $symbols{$type} && ($words_only{$type} || chance(50));
	return dice(2) if $type eq "bool";
	return number($max{$type});
}

sub range {
	my ($type) = @_;
	my ($x, $y);

	if ($type eq "addr4") {
		my ($lo, $hi) = sort { $a <=> $b } dice(250), dice(250);
		$x = "10.1.2.$lo";
		$y = "10.1.2." . ($hi + 1);
	} elsif ($type eq "addr6") {
		($x, $y) = ("fd00::" . (1 + dice(9)), "fd00::" . (10 + dice(80)));
	} else {
		($x, $y) = sort { $a <=> $b } dice($max{$type}), dice($max{$type});
		$y++;
	}
	($x, $y) = ($y, $x) if slip();
	return "$x-$y";
}

sub can_range { my ($type) = @_; $type =~ /^addr/ || ($max{$type} && $type ne "mac") }

sub element {
	my ($type, $interval) = @_;

	return prefix4() if $interval && $type eq "addr4" && chance(30);
	return addr6() =~ s/[0-9a-f]+$//r . "/" . any(32, 48, 64) if $interval && $type eq "addr6" && chance(30);
	return range($type) if $interval && can_range($type) && chance(30);
	return single($type);
}

# Elements that don't overlap by chance: intervals are of different blocks.
sub elements {
	my ($type, $interval, $n) = @_;
	my %seen;

	return map { element($type, $interval) } 1 .. $n if $mistakes;
	my @all = grep { !$seen{$_}++ } map { element($type, 0) } 1 .. $n;
	@all = ($interval && $type eq "addr4") ? map { "10.$_." . dice(256) . ".0/24" } 1 .. $n : @all if chance(40);
	return @all;
}

# ---- fields ----

# spelling, type, families, more than equality?
my @fields = (
	["ip saddr", "addr4", "ip inet netdev"], ["ip daddr", "addr4", "ip inet netdev"],
	["ip6 saddr", "addr6", "ip6 inet netdev"], ["ip6 daddr", "addr6", "ip6 inet netdev"],
	["ip protocol", "proto", "ip inet netdev"], ["ip dscp", "dscp", "ip inet netdev"],
	["ip ecn", "ecn", "ip inet netdev"], ["ip length", "n16", "ip inet netdev"], ["ip id", "n16", "ip inet netdev"],
	["ip frag-off", "n16", "ip inet netdev"], ["ip ttl", "n8", "ip inet netdev"], ["ip checksum", "n16", "ip inet netdev"],
	["ip hdrlength", "n4", "ip inet netdev"],
	["ip6 nexthdr", "proto", "ip6 inet netdev"], ["ip6 dscp", "dscp", "ip6 inet netdev"],
	["ip6 length", "n16", "ip6 inet netdev"], ["ip6 hoplimit", "n8", "ip6 inet netdev"],
	["ip6 flowlabel", "n20", "ip6 inet netdev"],
	["tcp sport", "port", "ip ip6 inet netdev"], ["tcp dport", "port", "ip ip6 inet netdev"],
	["udp sport", "port", "ip ip6 inet netdev"], ["udp dport", "port", "ip ip6 inet netdev"],
	["sctp dport", "port", "ip ip6 inet netdev"], ["th dport", "port", "ip ip6 inet netdev"],
	["tcp flags", "flag", "ip ip6 inet netdev"], ["tcp window", "n16", "ip ip6 inet netdev"],
	["tcp sequence", "n32", "ip ip6 inet netdev"], ["udp length", "n16", "ip ip6 inet netdev"],
	["icmp type", "icmp", "ip inet netdev"], ["icmp code", "icmpc", "ip inet netdev"],
	["icmpv6 type", "icmp6", "ip6 inet netdev"], ["icmpv6 code", "icmp6c", "ip6 inet netdev"],
	["meta l4proto", "proto", "ip ip6 inet netdev"], ["meta nfproto", "nfproto", "inet"],
	["meta protocol", "ether", "netdev"], ["meta mark", "mark", "ip ip6 inet netdev"],
	["meta length", "n32", "ip ip6 inet netdev"], ["meta pkttype", "pkttype", "ip ip6 inet netdev"],
	["iifname", "iface", "ip ip6 inet netdev"], ["ether saddr", "mac", "ip ip6 inet netdev"],
	["ether daddr", "mac", "netdev"], ["ct state", "state", "ip ip6 inet"],
	["socket transparent", "bool", "ip ip6 inet"], ["fib daddr type", "fib", "ip ip6 inet"],
);

sub fields_for {
	my ($family) = @_;
	return @fields if slip();
	return grep { $_->[2] =~ /\b$family\b/ } @fields;
}

sub match {
	my ($family, $sets) = @_;
	my ($field, $type) = @{ any(fields_for($family)) };
	my $op = chance(25) ? "!= " : chance(10) ? "== " : "";
	my @named = grep { $_->{type} eq $type && !$_->{map} } @$sets;

	if ($type eq "flag" || $type eq "state") {
		my @some = map { any(@{ $symbols{$type} }) } 1 .. 1 + dice(3);
		my %seen;
		@some = grep { !$seen{$_}++ } @some;
		return "$field " . join(",", @some) if chance(50);
		return "$field & (" . join("|", @some) . ") == $some[0]" if $type eq "flag" && chance(50);
		return "$field $op" . (@some > 1 ? "{ " . join(", ", @some) . " }" : $some[0]);
	}
	return "$field $op\@" . any(@named)->{name} if @named && chance(60);
	return "$field $op\@nosuch" if slip();
	return "$field " . any("<", ">", "<=", ">=") . " " . (1 + dice($max{$type} - 1))
		if $max{$type} && $type =~ /^(n|mark|port)/ && chance(20);
	return "$field & " . sprintf("0x%x", 1 + dice($max{$type})) . " == " . dice(2)
		if $type =~ /^(n8|n16|n32|mark)$/ && chance(30);
	return "$field $op" . element($type, 1) if chance(60);
	return "$field $op\{ " . join(", ", elements($type, 1, 1 + dice(4))) . " }";
}

sub concat_match {
	my ($family, $sets) = @_;
	my @ok = grep { $_->[1] =~ /^(addr4|addr6|port|proto|mark|mac)$/ && $_->[0] ne "th dport" } fields_for($family);
	my $base = any(grep { $_->[1] =~ /^addr|mark/ } @ok) // $ok[0];
	my $port = any(grep { $_->[1] eq "port" } @ok);
	my @items = map { element($base->[1], 1) . " . " . element("port", 1) } 1 .. 1 + dice(3);

	@items = map { single($base->[1]) . " . " . (100 * $_ + dice(100)) } 1 .. 1 + dice(3) unless $mistakes;
	return "$base->[0] . $port->[0] " . (chance(20) ? "!= " : "") . "{ " . join(", ", @items) . " }";
}

sub verdict {
	my ($chains) = @_;
	return any("accept", "drop", "continue", "return", map { ("jump $_", "goto $_") } @$chains);
}

sub vmap {
	my ($family, $sets, $chains) = @_;
	my @ok = grep { $_->[1] =~ /^(addr4|addr6|port|icmp|dscp|n8)$/ } fields_for($family);
	my ($field, $type) = @{ any(@ok) };
	my @maps = grep { $_->{map} && $_->{type} eq $type } @$sets;
	my (%seen, @items);

	return "$field vmap \@" . any(@maps)->{name} if @maps && chance(50);
	@items = map { "$_ : " . verdict($chains) } grep { !$seen{$_}++ } map { single($type) } 1 .. 1 + dice(4);
	return "$field vmap { " . join(", ", @items) . " }";
}

sub rate { any(1 + dice(1000)) . "/" . any(qw(second minute hour day)) }

sub statement {
	my ($family, $sets, $objects) = @_;
	my $kind = dice(8);

	return "counter" if $kind < 3;
	return "log prefix \"" . any("a", "drop: ", "x y") . "\"" . (chance(40) ? " level " . any(qw(emerg info debug err)) : "")
		if $kind == 3;
	return "limit rate " . (chance(30) ? "over " : "") . rate() . (chance(40) ? " burst " . (1 + dice(50)) . " packets" : "")
		if $kind == 4;
	return "limit rate " . (1 + dice(100)) . " kbytes/second" if $kind == 5;
	return "meta mark set " . any(single("mark"), "meta mark & 0xff", "meta mark | 0x10", "meta mark ^ 0x3") if $kind == 6;
	my @named = grep { $_->[0] eq "counter" } @$objects;
	return "counter name \"" . any(@named)->[1] . "\"" if @named;
	return "counter";
}

sub reject {
	my ($family) = @_;
	my @with = ("reject");

	return "meta l4proto tcp reject with tcp reset" if chance(30);
	push @with, "reject with icmpx " . any(qw(port-unreachable admin-prohibited no-route host-unreachable))
		if $family eq "inet" || slip();
	push @with, "reject with icmp " . any(qw(net-unreachable host-prohibited admin-prohibited)) if $family eq "ip";
	push @with, "reject with icmpv6 " . any(qw(no-route admin-prohibited)) if $family eq "ip6";
	return any(@with);
}

# Matches that say which protocol a packet has.
my $headers = qr/^(meta (l4proto|nfproto|protocol)|ip|ip6|icmp|icmpv6|udp|sctp|tcp|th|ether|ct) |\. /;

sub rule {
	my ($family, $sets, $objects, $chains) = @_;
	my @parts;

	# One header at most, so that matches don't contradict one another by chance.
	push @parts, concat_match($family, $sets) if chance(12);
	push @parts, match($family, $sets) if !@parts || ($mistakes && chance(30));
	push @parts, statement($family, $sets, $objects) while chance(35);
	if (chance(12)) {
		@parts = grep { !/$headers/ } @parts unless $mistakes;
		push @parts, vmap($family, $sets, $chains);
	} elsif ($family ne "netdev" && chance(8)) {
		@parts = grep { !/$headers/ } @parts unless $mistakes;
		push @parts, reject($family);
	} else {
		push @parts, verdict($chains) if chance(80);
	}
	push @parts, any("frobnicate", "tcp dprot 22", "drop drop", "ip saddr", "meta mark set", "}", "jump nowhere") if slip();
	return join(" ", @parts) . (chance(10) ? " comment \"" . any("a", "b c", "x-y") . "\"" : "");
}

# ---- blocks ----

my %set_types = (
	addr4 => "ipv4_addr", addr6 => "ipv6_addr", port => "inet_service", proto => "inet_proto", mark => "mark",
	mac => "ether_addr", icmp => "icmp_type", dscp => "dscp", iface => "ifname",
);

sub set_block {
	my ($n) = @_;
	my $type = any(sort keys %set_types);
	my $interval = $type =~ /^(addr4|addr6|port|mark)$/ && chance(50);
	my @some = elements($type, $interval, dice(5));
	my %seen;
	my @lines = "type $set_types{$type}";

	@some = grep { !$seen{$_}++ && !/\*/ } @some;
	push @lines, "flags interval" if $interval;
	push @lines, "auto-merge" if $interval && ($mistakes || chance(50));
	push @lines, "comment \"a set\"" if chance(10);
	push @lines, "elements = { " . join(", ", @some) . " }" if @some;
	return ({ name => "s$n", type => $type }, "\tset s$n {\n" . join("", map { "\t\t$_\n" } @lines) . "\t}\n");
}

sub map_block {
	my ($n, $chains) = @_;
	my $type = any("addr4", "port", "icmp");
	my %seen;
	my @items = map { "$_ : " . verdict($chains) } grep { !$seen{$_}++ } map { single($type) } 1 .. dice(4);
	my $lines = "\t\ttype $set_types{$type} : verdict\n";

	$lines .= "\t\telements = { " . join(", ", @items) . " }\n" if @items;
	return ({ name => "m$n", type => $type, map => 1 }, "\tmap m$n {\n$lines\t}\n");
}

sub table {
	my ($n) = @_;
	my $family = any(qw(ip ip6 inet inet netdev));
	my (@sets, @objects, @chains, $text);

	$text = "table $family t$n {\n";
	$text .= "\tcomment \"table $n\"\n" if chance(10);
	for my $i (1 .. dice(3)) {
		push @objects, ["counter", "c$i"];
		$text .= "\tcounter c$i {\n\t\tpackets " . dice(9) . " bytes " . dice(99) . "\n\t}\n";
	}
	for my $i (1 .. dice(3)) {
		my ($set, $block) = set_block($i);
		push @sets, $set;
		$text .= $block;
	}
	# A chain may only jump to later ones: no loops.
	my $regular = dice(3);
	my @targets = map { "r$_" } 1 .. $regular;
	if (@targets && chance(40)) {
		my ($map, $block) = map_block(1, \@targets);
		push @sets, $map;
		$text .= join("", map { "\tchain $_ {\n\t}\n" } @targets) . $block;
	}
	for my $i (reverse 1 .. $regular) {
		my @later = map { "r$_" } $i + 1 .. $regular;
		my @plain = grep { !$_->{map} } @sets;
		my @rules = map { rule($family, \@plain, \@objects, \@later) } 1 .. dice(4);

		$text .= "\tchain r$i {\n" . join("", map { "\t\t$_\n" } @rules) . "\t}\n";
	}
	for my $i (1 .. 1 + dice(2)) {
		my @rules = map { rule($family, \@sets, \@objects, \@targets) } 1 .. dice(6);
		my $hook = $family eq "netdev" ? "ingress device \"" . any(qw(v0 v1)) . "\"" : "prerouting";
		my $priority = any("filter", 0, "filter + 5", "filter - 3", -10, $family eq "netdev" ? 7 : "raw");

		$text .= "\tchain b$i {\n\t\ttype filter hook $hook priority $priority; policy " . any("accept", "drop") . ";\n";
		$text .= join("", map { "\t\t$_\n" } @rules) . "\t}\n";
	}
	return $text . "}\n";
}

sub file {
	my ($number) = @_;

	srand($number);
	$mistakes = chance(25);
	return join("\n", map { table($_) } 1 .. 1 + dice(2));
}

# ---- asking ----

sub put {
	my ($name, $text) = @_;
	open(my $out, ">", "$tmp/$name") or die;
	print $out $text;
	close $out or die;
}

sub get {
	my ($name) = @_;
	open(my $in, "<", "$tmp/$name") or die;
	local $/;
	return scalar(<$in>) // "";
}

sub run {
	my ($command) = @_;
	system("$command >'$tmp/out' 2>'$tmp/err'");
	return ($?, get("out"), get("err"));
}

# Lines, with wrapped elements in one and the items of braces sorted.
sub same_text {
	my ($text) = @_;

	$text =~ s/,\n\s+/, /g;
	$text =~ s/\{ ([^{}\n]+?) \}/"{ " . join(", ", sort split(\/\s*,\s*\/, $1)) . " }"/ge;
	# Elements that were merged into one.
	$text =~ s/(?<!elements =) \{ ((?:(?! [:.] )[^,{}])+) \}/ $1/g;
	# nft 1.0.6 takes fields that aren't whole bytes for larger than they are.
	$text =~ s/\becn [^\n]*?0x[0-3]-0x\Kff\b/3/g;
	$text =~ s/\bhdrlength [^\n]*?\d-\K255\b/15/g;
	$text =~ s/\bflowlabel [^\n]*?\d-\K16777215\b/1048575/g;
	$text =~ s/\b(\w+)-\1\b/$1/g;
	# It leaves this out where it means another rule when it is read again.
	$text =~ s/meta l4proto tcp (?=reject with tcp reset)//g;
	# It shows 'icmpx' as no code at all, which means 'icmp' where the family is known.
	$text =~ s/reject with icmp(v6|x|) port-unreachable/reject/g;
	# It calls these bytes by another name behind a match for ICMP.
	$text =~ s/icmp(v6)? checksum vmap/th dport vmap/g;
	$text =~ s/ ?packets \d+ bytes \d+//g;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\n\n+/\n/g; # 'fmt' keeps groups of lines apart
	$text =~ s/^\n+|\n+$//g;
	# Chains that are declared early stand where they were declared first.
	return $text;
}

sub first_difference {
	my ($x, $y) = @_;
	my @x = split /\n/, $x;
	my @y = split /\n/, $y;

	for my $i (0 .. ($#x > $#y ? $#x : $#y)) {
		my ($p, $q) = ($x[$i] // "(end)", $y[$i] // "(end)");
		return "nft: $p | zfwc: $q" if $p ne $q;
	}
	return "nothing";
}

# What nft says that depends on the kernel or on its own faults, not the text.
my %known = (
	"netlink"  => qr/Error: Could not process rule: (Operation not supported|Device or resource busy)/,
	"assert"   => qr/BUG: |Assertion|Segmentation|stack smashing/,
);

my (%sum, @wrong);

sub wrong {
	my ($number, $what) = @_;
	$sum{wrong}++;
	push @wrong, "file $number: $what" if @wrong < 20;
}

sub compare_listings {
	my ($number, $listed) = @_;

	put("json", (run("'$zfwc' compile --dump=json '$tmp/rules'"))[1]);
	for my $how ("compile --dump=listing rules", "fmt rules", "compile --dump=listing json") {
		my ($status, $out, $err) = run("cd '$tmp' && '$zfwc' $how");
		if ($status) {
			wrong($number, "'$how' fails: $err");
		} elsif (same_text($listed) ne same_text($out)) {
			wrong($number, "$how: " . first_difference(same_text($listed), same_text($out)));
		}
	}
}

sub compare {
	my ($number) = @_;
	my $text = file($number);

	put("rules", $text);
	put("load", "flush ruleset\n$text\n");
	my ($nft, $listed, $nft_err) = run("ip netns exec $ns sh -c 'nft -f \"\$1\" && nft list ruleset' sh '$tmp/load'");
	my ($ours, undef, $our_err) = run("'$zfwc' check --max-errors 0 '$tmp/rules'");
	$sum{files}++;
	print "# ---- $number\n$text" if $keep;
	if ($ours & 127 || $ours >> 8 > 2) {
		wrong($number, "zfwc died: " . ($our_err =~ /^(zfwc: .*)/m ? $1 : $ours));
		return;
	}
	for my $name (sort keys %known) {
		next unless $nft && ($nft & 127 || $nft_err =~ $known{$name});
		$sum{"nft's own trouble"}++;
		return;
	}
	my ($first) = $our_err =~ /^(.*error: .*)/m;
	my ($theirs) = $nft_err =~ /(Error: .*)/;
	if (!$ours && !$nft) {
		$sum{"both accept"}++;
		compare_listings($number, $listed);
	} elsif ($ours && $nft) {
		$sum{"both refuse"}++;
	} elsif (!$ours) {
		wrong($number, "nft alone refuses: " . ($theirs // $nft_err));
	} elsif ($our_err =~ /error: / && $our_err !~ /error: (?!.*\[unsupported\])/) {
		$sum{"not supported"}++;
	} else {
		wrong($number, "zfwc alone refuses: " . ($first // $our_err));
	}
}

compare($seed + $_) for 0 .. $files - 1;

print "# seed $seed: ", join(", ", map { "$sum{$_} $_" } sort keys %sum), "\n";
print "# $_\n" for @wrong;
printf "%s 1 - %d files, %d times zfwc and nft disagree\n", $sum{wrong} ? "not ok" : "ok", $files, $sum{wrong} // 0;
printf "%s 2 - most files are accepted by both\n", 2 * ($sum{"both accept"} // 0) > $files ? "ok" : "not ok";
print "1..2\n";
