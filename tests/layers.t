#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# layers.t - who may include whom.
#
# The pure layers (everything but runtime/ and bpf/) see no part of the system
# that could answer differently on another machine.
use strict;
use warnings;
use File::Find;
use File::Path qw(make_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

my $libc = qr{^(assert|ctype|endian|errno|inttypes|limits|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|sys/mman)\.h$};
# Constants such as AF_INET, and functions that only convert.
my $inet = qr{^(arpa/inet|netinet/in|netinet/ip_icmp|netinet/icmp6|sys/socket)\.h$};
my $base = qr{^compiler/base/};
my $tree = qr{^(compiler|grammar|bpf|runtime|tests)/};

# In order: the first prefix that fits names the layer.  'own' is what it may
# take from the tree, 'system' what from elsewhere.
my @layers = (
	{ at => "compiler/base", own => [$base], system => [$libc] },
	{
		at     => "compiler",
		own    => [qr{^compiler/}, qr{^grammar/(ast|parse)\.h$}, qr{^grammar/fields\.def$}, qr{^bpf/(abi\.h|maps\.def)$}],
		# Numbers of map types, flags and kinds of addresses.
		system => [$libc, $inet, qr{^linux/(bpf|rtnetlink|types)\.h$}],
	},
	{ at => "grammar", own => [qr{^grammar/}, $base], system => [$libc, $inet] },
	{ at => "bpf", own => [qr{^bpf/}], system => [qr{^linux/}, qr{^stddef\.h$}, qr{^bpf/bpf_(helpers|endian|core_read|tracing)\.h$}] },
	# object.h: the programs as bytes in the binary.
	{ at => "runtime", own => [qr{^runtime/}, qr{^compiler/}, qr{^bpf/(abi\.h|maps\.def|object\.h)$}], system => [qr{.}] },
);

# Complaints about one tree, one a line.
sub complaints {
	my ($top) = @_;
	my @said;
	for my $layer (@layers) {
		my @files;
		find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.(c|h|l|y|def)$/ } }, grep { -d } "$top/$layer->{at}");
		for my $file (sort @files) {
			my $name = substr($file, length("$top/"));
			my ($first) = grep { $name =~ m{^\Q$_->{at}\E/} } @layers;
			next if $first != $layer;
			push @said, check_file($top, $name, $layer);
		}
	}
	return @said;
}

sub check_file {
	my ($top, $name, $layer) = @_;
	my @said;
	open(my $in, "<", "$top/$name") or die "$name: $!\n";
	while (my $line = <$in>) {
		next unless $line =~ /^\s*#\s*include\s*([<"])([^>"]+)/;
		my ($how, $what) = ($1, $2);
		# libbpf's headers are in a folder of the same name as ours.
		my $ours = $what =~ $tree && !($what =~ m{^bpf/} && $what !~ m{\.(bpf\.h|skel\.h)$} && !-e "$top/$what");
		my $allowed = $ours ? $layer->{own} : $layer->{system};
		if ($how eq '"') {
			push @said, "$name:$.: include \"$what\": write <path from the top>";
		} elsif (!grep { $what =~ $_ } @$allowed) {
			push @said, "$name:$.: $layer->{at}/ may not include <$what>";
		}
	}
	return @said;
}

# A tree in which one file has one include.
sub tree_with {
	my ($file, $include) = @_;
	my $top = tempdir(CLEANUP => 1);
	for my $path ($file, "bpf/abi.h", "bpf/maps.def", "bpf/maps.h", "grammar/ast.h", "compiler/base/arena.h") {
		make_path(dirname("$top/$path"));
		open(my $out, ">>", "$top/$path") or die "$path: $!\n";
		print $out "#include $include\n" if $path eq $file;
	}
	return $top;
}

my @forbidden = (
	["compiler/base/x.c", "<compiler/ir.h>"],   ["compiler/base/x.c", "<bpf/abi.h>"],
	["compiler/base/x.c", "<sys/socket.h>"],    ["compiler/x.c",      "<runtime/live.h>"],
	["compiler/x.c",      "<bpf/libbpf.h>"],    ["compiler/x.c",      "<grammar/parse_state.h>"],
	["compiler/x.c",      "<net/if.h>"],        ["compiler/x.c",      "<bpf/maps.h>"],
	["grammar/x.y",       "<compiler/ir.h>"],   ["grammar/x.l",       "<bpf/abi.h>"],
	["grammar/x.c",       "<unistd.h>"],        ["bpf/x.c",           "<stdio.h>"],
	["bpf/x.c",           "<compiler/ir.h>"],   ["runtime/x.c",       "<grammar/ast.h>"],
	["runtime/x.c",       "<bpf/maps.h>"],      ["grammar/x.c",       "\"ast.h\""],
);
my @allowed = (
	["compiler/base/x.c", "<stdlib.h>"],        ["compiler/x.c", "<grammar/ast.h>"],
	["compiler/x.c",      "<bpf/abi.h>"],       ["compiler/x.c", "<arpa/inet.h>"],
	["grammar/x.y",       "<compiler/base/arena.h>"], ["bpf/x.c", "<bpf/bpf_helpers.h>"],
	["runtime/x.c",       "<bpf/libbpf.h>"],    ["runtime/x.c",  "<compiler/ir.h>"],
);

my $n = 0;
sub result {
	my ($good, $what, @why) = @_;
	printf "%sok %d - %s\n", $good ? "" : "not ", ++$n, $what;
	print map { "# $_\n" } @why;
	return $good;
}

my $bad = 0;
my @said = complaints($ENV{SRCDIR} // dirname($0) . "/..");
result(!@said, "the tree keeps to its layers", @said) or $bad++;
result(scalar complaints(tree_with(@$_)), "$_->[0] with $_->[1] is found") or $bad++ for @forbidden;
result(!complaints(tree_with(@$_)), "$_->[0] with $_->[1] is fine") or $bad++ for @allowed;
print "1..$n\n";
exit($bad ? 1 : 0);
