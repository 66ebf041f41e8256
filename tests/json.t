#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# json.t - rulesets as JSON are those of nft.
#
#	tests/json.t [FILE...]
#
# Each file is loaded by nft in a network namespace of its own.  Then
#
#	what 'nft -j list ruleset' prints equals 'zfwc compile --dump=json' of the file;
#	zfwc reads what nft printed, and lists the same rules as of the file;
#	nft takes what zfwc printed, unless it refuses what it printed itself.
#
# What differs on purpose is in ours() and theirs() below.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use JSON::PP;

my $src   = $ENV{SRCDIR} // abs_path(dirname($0) . "/..");
my $build = $ENV{BUILDDIR} // "$src/build";
my $zfwc  = $ENV{ZFWC} // "$build/zfwc";
my $ns    = "zfwc-json-$$";
my $tmp   = tempdir("zfwc-json-XXXXXX", TMPDIR => 1, CLEANUP => 1);
my $json  = JSON::PP->new->canonical->utf8;
my @files = @ARGV ? @ARGV : (glob("$src/tests/golden/json/*.nft"), glob("$src/tests/golden/ir/*.nft"), glob("$src/examples/*.conf"));

sub skip_all {
	print "1..0 # SKIP $_[0]\n";
	exit 0;
}
skip_all("needs root") if $> != 0;
skip_all("no nft") if system("nft --version >/dev/null 2>&1");
system("ip", "netns", "add", $ns) == 0 or skip_all("no network namespaces");
END { my $status = $?; system("ip netns del $ns 2>/dev/null") if $ns; $? = $status; }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

# ---- programs ----

sub put {
	my ($name, $text) = @_;
	open(my $out, ">", "$tmp/$name") or die;
	print $out $text;
	close($out) or die;
	return "$tmp/$name";
}

sub run {
	my ($command) = @_;
	my $out = `$command 2>'$tmp/err'`;
	return ($?, $out);
}

sub said {
	open(my $in, "<", "$tmp/err") or return "";
	local $/;
	return <$in>;
}

sub nft { run("ip netns exec $ns nft $_[0]") }

# ---- comparison ----

my $known_sources = 0;

# zfwc's additions, and counters that a file doesn't begin with a value.
sub ours {
	my ($kind, $o) = @_;
	$known_sources++ if delete $o->{source};
	delete @$o{qw(typeof map-typeof auto-merge dynamic dev)};
	delete $o->{comment} if $kind eq "table" || $kind eq "chain";
}

# Values that time or the kernel changes; nothing in a set has a place.
sub plain {
	my ($v) = @_;
	return [map { plain($_) } @$v] if ref $v eq "ARRAY";
	return $v unless ref $v eq "HASH";
	my %new = map { $_ => plain($v->{$_}) } keys %$v;
	delete $new{expires};
	defined $new{$_} and $new{$_} = int($new{$_}) for qw(timeout gc-interval);
	$new{counter} //= { packets => 0, bytes => 0 } if exists $new{counter};
	$new{elem} = [sort map { $json->encode(bare($_)) } @{$new{elem}}] if ref $new{elem} eq "ARRAY";
	if (ref $new{set} eq "ARRAY") {
		return $new{set}[0] if @{$new{set}} == 1 && ref $new{set}[0] ne "ARRAY";
		$new{set} = [sort map { $json->encode([$_]) } @{$new{set}}];
	}
	return \%new;
}

# An element without a counter that counted nothing, which nft gives to each of a set with 'counter'.
sub bare {
	my ($e) = @_;
	return [bare($e->[0]), $e->[1]] if ref $e eq "ARRAY";
	return [$e] unless ref $e eq "HASH" && ref $e->{elem} eq "HASH";
	my %of = %{$e->{elem}};
	delete $of{counter} if $of{counter} && !$of{counter}{packets} && !$of{counter}{bytes};
	delete $of{timeout};
	return keys %of > 1 ? [\%of] : [$of{val}];
}

# The objects as lines that can be compared.
sub lines {
	my ($text, $change) = @_;
	my @lines;
	for my $object (@{$json->decode($text)->{nftables}}) {
		my ($kind, $o) = %$object;
		next if $kind eq "metainfo";
		delete $o->{handle} if $kind eq "table"; # the kernel counts on
		$change->($kind, $o);
		push @lines, $json->encode(plain({ $kind => $o }));
	}
	return @lines;
}

sub theirs { }

sub difference {
	my ($x, $y) = @_;
	for my $i (0 .. ($#$x > $#$y ? $#$x : $#$y)) {
		my ($p, $q) = ($x->[$i] // "(end)", $y->[$i] // "(end)");
		return "nft:  $p\n# zfwc: $q" if $p ne $q;
	}
	return "";
}

# ---- the cases ----

my ($n, $failed, $compared) = (0, 0, 0);

sub result {
	my ($what, $why) = @_;
	printf "%s %d - %s\n", $why ? "not ok" : "ok", ++$n, $what;
	print "# $_\n" for split /\n/, $why;
	$failed++ if $why;
}

sub listing {
	my ($file) = @_;
	my ($r, $out) = run("'$zfwc' compile --dump=listing '$file'");
	return $r ? "refused: " . said() : $out;
}

# As nft lists it: what is of zfwc's JSON alone is lost.
sub lossy {
	my ($text) = @_;
	$text =~ s/^\t(comment ".*"\n)//mg;
	$text =~ s/^\t\t(auto-merge|policy memory|flags dynamic|comment ".*")\n//mg;
	$text =~ s/^(\t\tflags .*),dynamic$/$1/mg;
	$text =~ s/^\t\ttype(of)? (?!filter).*\n//mg;
	$text =~ s/^(\t\t(?:elements|   ).*)/$1 =~ s{ counter(?: packets 0 bytes 0)?(?! packets)}{}gr/mge;
	$text =~ s/counter packets 0 bytes 0/counter/g;
	$text =~ s/ (timeout|expires) \w+//g;
	$text =~ s/^\t\t(timeout|gc-interval) \S+\n//mg;
	$text =~ s/,\n\s+/, /g;
	$text =~ s/\{ ([^{}\n]+?) \}/"{ " . join(", ", sort split(\/\s*,\s*\/, $1)) . " }"/ge;
	return $text;
}

sub first_line {
	my ($x, $y) = map { [split /\n/] } @_;
	return difference($x, $y);
}

sub compare {
	my ($file) = @_;
	my $name = basename($file);
	my ($bad, $ours) = run("'$zfwc' compile --dump=json '$file'");
	return if $bad; # a file that shows errors
	my ($refused) = nft("-f '$file'");
	return if $refused; # one that uses what nft hasn't
	my (undef, $theirs) = nft("-j list ruleset");
	$compared++;
	result("$name: the same JSON", difference([lines($theirs, \&theirs)], [lines($ours, \&ours)]));
	my $from_nft = put("theirs.json", $theirs);
	my ($of_json, $of_file) = (listing($from_nft), listing($file));
	# nft 1.0.6 doesn't say which type an integer has, nor which device a chain has.
	result("$name: nft's JSON is read", first_line(lossy($of_json), lossy($of_file)))
		unless $theirs =~ /"integer"|"hook": "(ingress|egress)"/;
	my $from_us = put("ours.json", $ours);
	my ($takes_own) = nft("-j -c -f '$from_nft'");
	my ($takes_ours) = nft("-j -c -f '$from_us'");
	result("$name: nft takes zfwc's JSON", $takes_ours && !$takes_own ? said() : "");
}

for my $file (@files) {
	system("ip netns exec $ns nft flush ruleset; ip netns exec $ns ip link del eth0 2>/dev/null");
	system("ip netns exec $ns ip link add eth0 type veth peer name eth1") == 0 or die;
	compare($file);
}
result("some are compared", $compared >= (@ARGV ? 1 : 10) ? "" : "only $compared");
result("rules say where they were written", $known_sources ? "" : "none does");
print "1..$n\n";
exit($failed ? 1 : 0);
