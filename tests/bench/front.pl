#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# front.pl - what 'zfwc check' takes for large files, beside 'nft -c' in the same run.
#
#	tests/bench/front.pl [RUNS]		default 3; BENCH=full adds 1M rules
#
# Prints, per shape and size, the median of RUNS interleaved runs of each, the
# ratio, and the peak memory.  nft needs root: without it only zfwc is measured.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Time::HiRes qw(time);

my $src   = $ENV{SRCDIR} // abs_path(dirname($0) . "/../..");
my $build = $ENV{BUILDDIR} // "$src/build";
my $zfwc  = $ENV{ZFWC} // "$build/zfwc";
my $runs  = $ARGV[0] // 3;
my $full  = ($ENV{BENCH} // "") eq "full";
my $tmp   = tempdir("zfwc-bench-XXXXXX", TMPDIR => 1, CLEANUP => 1);
my $ns    = "zfwc-bench-front-$$";
my $nft   = $> == 0 && !system("nft --version >/dev/null 2>&1 && ip netns add $ns");
END { my $status = $?; system("ip netns del $ns 2>/dev/null") if $nft; $? = $status; }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

sub addr { my ($n) = @_; join(".", 10, $n >> 16 & 255, $n >> 8 & 255, $n & 255) }

sub rules_file {
	my ($n) = @_;
	my $file = "$tmp/rules-$n";

	open(my $out, ">", $file) or die;
	print $out "table inet t {\nchain c {\ntype filter hook prerouting priority 0; policy accept;\n";
	print $out "ip saddr ", addr($_), " tcp dport ", 1 + $_ % 65000, ($_ % 2 ? " counter" : ""), " drop\n" for 1 .. $n;
	print $out "}\n}\n";
	close $out;
	return $file;
}

# Every other /24-less block, so that nothing merges.
sub set_file {
	my ($n) = @_;
	my $file = "$tmp/set-$n";

	open(my $out, ">", $file) or die;
	print $out "table inet t {\nset s {\ntype ipv4_addr\nflags interval\nelements = {\n";
	print $out join(",\n", map { my $x = 2 * $_; join(".", 1 + ($x >> 24), $x >> 16 & 255, $x >> 8 & 255, $x & 255) } 1 .. $n);
	print $out "\n}\n}\nchain c {\ntype filter hook prerouting priority 0; policy accept;\nip saddr \@s drop\n}\n}\n";
	close $out;
	return $file;
}

# Seconds and kilobytes at the peak.
sub measure {
	my ($command) = @_;
	my $start = time;
	my $pid = fork // die;

	if (!$pid) {
		open(STDOUT, ">", "/dev/null");
		open(STDERR, ">", "$tmp/err");
		exec("/bin/sh", "-c", "exec $command") or exit 127;
	}
	my $peak = 0;
	while (waitpid($pid, 1) == 0) {
		if (open(my $in, "<", "/proc/$pid/status")) {
			while (<$in>) {
				$peak = $1 if /^VmHWM:\s+(\d+)/ && $1 > $peak;
			}
		}
		select(undef, undef, undef, 0.002);
	}
	my $status = $?;
	return (time - $start, $peak, $status);
}

sub median { my @v = sort { $a <=> $b } @_; $v[$#v / 2] }

sub row {
	my ($what, $n, $file) = @_;
	my (@ours, @theirs, $our_peak, $their_peak);

	for (1 .. $runs) {
		my ($seconds, $peak, $status) = measure("'$zfwc' check '$file'");
		die "zfwc check $file: status $status" if $status;
		push @ours, $seconds;
		$our_peak = $peak;
		next unless $nft && $n <= ($full ? 1e7 : 1e6);
		($seconds, $peak, $status) = measure("ip netns exec $ns nft -c -f '$file'");
		push @theirs, $seconds if !$status;
		$their_peak = $peak;
	}
	my $o = median(@ours);
	printf "%-8s %9d  %8.3f s %6.0f MB", $what, $n, $o, $our_peak / 1024;
	if (@theirs) {
		my $t = median(@theirs);
		printf "  %8.3f s %6.0f MB  %6.2f", $t, $their_peak / 1024, $t / $o;
	}
	print "\n";
	unlink $file;
}

chomp(my $cpu = (grep { s/^model name\s*:\s*// } do { open(my $in, "<", "/proc/cpuinfo"); <$in> })[0] // "unknown");
chomp(my $kernel = `uname -r`);
chomp(my $cpus = `nproc`);
chomp(my $nft_version = $nft ? `nft --version` : "nft not measured");
print "$cpus CPUs, $cpu, kernel $kernel, $nft_version, medians of $runs\n";
printf "%-8s %9s  %10s %9s  %10s %9s  %6s\n", "shape", "size", "zfwc check", "peak", "nft -c", "peak", "ratio";
row("rules", $_, rules_file($_)) for 10_000, 100_000, $full ? 1_000_000 : ();
row("set", $_, set_file($_)) for 10_000, 100_000, 1_000_000;
