#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# conformance.t - nftables' own test lines, as far as there is a family for them.
#
#	tests/conformance.t [-v] [FILE...]
#
# Each line is a rule with a label.  Labelled 'fail': zfwc refuses it.  Labelled
# 'ok': zfwc accepts it and prints it as the last column says, or refuses it as
# not supported and names what.  Anything else is wrong.  A line stands for all
# the families of its file that zfwc has; it is accepted when it is in each of
# them.  -v shows every line that isn't accepted.
#
# The hooks of those files are mostly of kernel nft; here the rules stand in the
# hook that zfwc has instead.  The lines are read from the corpus beside the
# source tree and skipped where there is none.
use strict;
use warnings;
use File::Find;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Cwd qw(abs_path);
use IPC::Open3;

my $src    = $ENV{SRCDIR} // abs_path(dirname($0) . "/..");
my $build  = $ENV{BUILDDIR} // "$src/build";
my $zfwc   = $ENV{ZFWC} // "$build/zfwc";
my $corpus = "$src/../shared/corpus/nft-py";
my $wanted = 70; # per cent of the lines labelled 'ok'
my $verbose = @ARGV && $ARGV[0] eq "-v" ? shift @ARGV : "";
my $tmp = tempdir("zfwc-conformance-XXXXXX", TMPDIR => 1, CLEANUP => 1);

unless (-d $corpus) {
	print "1..0 # SKIP no corpus at $corpus\n";
	exit 0;
}

my %hook = (
	ip     => "type filter hook prerouting priority 0",
	ip6    => "type filter hook prerouting priority 0",
	inet   => "type filter hook prerouting priority 0",
	netdev => "type filter hook ingress device \"lo\" priority 0",
);

# Lines whose last column says something else than the installed nft lists: by
# file, what is listed instead.
my %listed;

# ---- reading ----

# "rule;ok;canonical": a rule may have semicolons in quotes or braces only.
sub fields_of {
	my ($line) = @_;
	return $line =~ /^(.*?);\s*(ok|fail)\s*(?:;(.*))?$/ ? ($1, $2, $3) : ();
}

sub read_file {
	my ($path) = @_;
	my %f = (families => [], lines => []);

	open(my $in, "<", $path) or die "$path: $!";
	while (my $line = <$in>) {
		chomp $line;
		next if $line =~ /^\s*(#|$)/ || $line =~ /^-/ || $line =~ /^:/;
		if ($line =~ /^\*(\w+);/) {
			push @{ $f{families} }, $1 if $hook{$1} && !grep { $_ eq $1 } @{ $f{families} };
			next;
		}
		my ($text, $label, $canonical) = fields_of($line) or next;
		my $kind = $text =~ s/^([!?%])// ? $1 : "rule";
		push @{ $f{lines} },
			{ n => $., kind => $kind, text => $text, label => $label, canonical => $canonical // $text };
	}
	return \%f;
}

# ---- one line in one family ----

# "set1 type ipv4_addr timeout 60s" as a block.
sub set_block {
	my ($text, $elements) = @_;
	my ($name, $rest) = $text =~ /^(\S+)\s+(.*)$/;

	$rest =~ s/\s+(timeout|flags)\s/; $1 /g;
	$rest .= "; elements = { " . join(", ", @$elements) . " }" if @$elements;
	return "\tset $name { $rest; }\n";
}

sub object_block {
	my ($text) = @_;
	my ($name, $kind, $rest) = $text =~ /^(\S+)\s+type\s+(ct\s+\S+|\S+)\s*(.*)$/;

	$rest .= ";" if $rest ne "" && $rest !~ /^\{/;
	return "\t$kind $name " . ($rest =~ /^\{/ ? $rest : "{ $rest }") . "\n";
}

sub table_of {
	my ($family, $blocks, $rule) = @_;

	return "table $family t {\n" . join("", @$blocks) . "\tchain d {\n\t}\n\tchain c {\n\t\t$hook{$family};\n" .
		($rule eq "" ? "" : "\t\t$rule\n") . "\t}\n}\n";
}

# What zfwc says: status, the listed rule, the messages.
sub ask {
	my ($text) = @_;
	my $file = "$tmp/rules";

	open(my $out, ">", $file) or die;
	print $out $text;
	close $out;
	my $listing = `'$zfwc' compile --dump=listing '$file' 2>'$tmp/messages'`;
	my $status  = $?;
	open(my $in, "<", "$tmp/messages") or die;
	local $/;
	my $messages = <$in>;
	my ($rules) = $listing =~ /chain c \{\n\t\ttype [^\n]*\n(.*?)\t\}/s;
	$rules //= "";
	$rules =~ s/^\t+//mg;
	$rules =~ s/\n+$//;
	return ($status, $rules, $messages);
}

# The test lines were listed with numbers for protocols.
my %protocols = (
	icmp => 1, igmp => 2, tcp => 6, udp => 17, "xns-idp" => 22, dccp => 33, esp => 50, ah => 51, "ipv6-icmp" => 58,
	icmpv6 => 58, eigrp => 88, comp => 108, ipcomp => 108, sctp => 132, udplite => 136,
);
my $protocol = join("|", map { quotemeta } sort { length $b <=> length $a } keys %protocols);

sub numbers {
	my ($text) = @_;

	$text =~ s/(?<![\w-])($protocol)(?![\w-])/$protocols{$1}/g;
	return $text;
}

# The items of braces have no order.
sub normal {
	my ($text) = @_;

	$text =~ s/((?:l4proto|ip protocol|ip6 nexthdr)(?: (?:!=|==))? )(\{[^}]*\}|\S+)/$1 . numbers($2)/ge;
	$text =~ s/ \. ($protocol) \. /" . " . numbers($1) . " . "/ge;

	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	$text =~ s/\{\s*([^{}]*?)\s*\}/"{ " . join(", ", sort split(\/\s*,\s*\/, $1)) . " }"/ge;
	$text =~ s/\s*:\s+/:/g;
	return $text;
}

# "accepted", "unsupported" or what is wrong.
sub judge {
	my ($line, $status, $listed, $messages, $listed_wanted) = @_;

	return "crash: status $status" if $status & 127 || ($status >> 8) > 2;
	my $refused = $status != 0;
	if ($line->{label} eq "fail") {
		return $refused ? "refused" : "accepted, but labelled fail";
	}
	if ($refused) {
		my @errors = $messages =~ /error: (.*)/g;
		return "unsupported" if @errors && !grep { !/\[unsupported\]$/ } @errors;
		return "refused: " . ($errors[0] // $messages);
	}
	return "accepted" if $line->{kind} ne "rule";
	return "accepted" if normal($listed) eq normal($listed_wanted);
	return "printed as '$listed'";
}

# ---- one file ----

my (%sum, @wrong);

sub count {
	my ($file, $line, $what) = @_;
	my $key = $what =~ /^(accepted|unsupported|refused)$/ ? $what : "wrong";

	if ($what eq "crash") { }
	push @wrong, "$file:$line->{n}: $line->{text};$line->{label}: $what" if $key eq "wrong";
	print "# $file:$line->{n}: $line->{text}: $what\n" if $verbose && $key eq "unsupported";
	return unless $line->{kind} eq "rule" || $key eq "wrong";
	$sum{$file}{$key}++;
	$sum{$file}{ok}++ if $line->{label} eq "ok" && $line->{kind} eq "rule";
}

sub run_file {
	my ($name, $path) = @_;
	my $f = read_file($path);
	my (%blocks, %sets, @set_order);

	for my $line (@{ $f->{lines} }) {
		my %seen;
		for my $family (@{ $f->{families} }) {
			my @blocks = @{ $blocks{$family} // [] };
			my ($rule, $command) = ("", "");
			my %all    = map { $_ => [@{ $sets{$family}{$_}{elements} }] } keys %{ $sets{$family} };

			if ($line->{kind} eq "rule") {
				$rule = $line->{text};
			} elsif ($line->{kind} eq "%") {
				push @blocks, object_block($line->{text});
			} elsif ($line->{kind} eq "?") {
				my ($set, $elements) = $line->{text} =~ /^(\S+)\s+(.*)$/;
				if ($sets{$family}{$set}) {
					push @{ $all{$set} }, $elements;
				} else {
					$command = "add element $family t $set { $elements }\n";
				}
			}
			my $text = join("", map { set_block($sets{$family}{$_}{text}, $all{$_}) }
					grep { $sets{$family}{$_} } @set_order);
			$text .= set_block($line->{text}, []) if $line->{kind} eq "!";
			my ($status, $listed, $messages) = ask(table_of($family, [@blocks, $text], $rule) . $command);
			my $what = judge($line, $status, $listed, $messages, $line->{canonical});

			$what = "$family: $what" if $what !~ /^(accepted|unsupported|refused)$/;
			$seen{$what}++;
			next unless $line->{label} eq "ok" && $status == 0;
			if ($line->{kind} eq "!") {
				my ($set) = $line->{text} =~ /^(\S+)/;
				$sets{$family}{$set} = { text => $line->{text}, elements => [] };
				push @set_order, $set unless grep { $_ eq $set } @set_order;
			} elsif ($line->{kind} eq "?") {
				my ($set, $elements) = $line->{text} =~ /^(\S+)\s+(.*)$/;
				push @{ $sets{$family}{$set}{elements} }, $elements;
			} elsif ($line->{kind} eq "%") {
				push @{ $blocks{$family} }, object_block($line->{text});
			}
		}
		next unless %seen;
		my ($worst) = grep { !/^(accepted|unsupported|refused)$/ } sort keys %seen;
		count($name, $line, $worst // ($seen{unsupported} ? "unsupported" : (keys %seen)[0]));
	}
}

my @files;
find({ no_chdir => 1, wanted => sub { push @files, substr($_, length("$corpus/")) if /\.t$/ } }, $corpus);
@files = sort @files;
if (@ARGV) {
	my @some = @ARGV;
	@files = grep { my $f = $_; grep { index($f, $_) >= 0 } @some } @files;
}
run_file($_, "$corpus/$_") for @files;

# ---- the table ----

my %all;
printf "# %-20s %8s %8s %11s %8s %6s\n", "file", "ok lines", "accepted", "unsupported", "fail", "wrong";
for my $file (@files, "all") {
	my $s = $file eq "all" ? \%all : $sum{$file} // next;
	printf "# %-20s %8d %8d %11d %8d %6d\n", $file, map { $s->{$_} // 0 } qw(ok accepted unsupported refused wrong);
	next if $file eq "all";
	$all{$_} += $s->{$_} // 0 for qw(ok accepted unsupported refused wrong);
}
print "# wrong: $_\n" for @wrong;

my $share = $all{ok} ? 100 * ($all{accepted} // 0) / $all{ok} : 0;
my $n = 0;
sub ok {
	my ($good, $what) = @_;
	printf "%s %d - %s\n", $good ? "ok" : "not ok", ++$n, $what;
}
ok(!$all{wrong}, "$all{wrong} lines are judged or printed otherwise than nft's label says");
ok($share >= $wanted || @ARGV, sprintf("%.1f%% of %d lines labelled ok are accepted, at least %d%%", $share, $all{ok}, $wanted));
print "1..$n\n";
