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
use lib dirname(__FILE__) . "/agreement";
use Blocks;
use Dice;
use Layout;
use Values;

my $src   = $ENV{SRCDIR} // abs_path(dirname($0) . "/..");
my $build = $ENV{BUILDDIR} // "$src/build";
my $zfwc  = $ENV{ZFWC} // "$build/zfwc";
my $seed  = $ARGV[0] // 555000;
my $files = $ARGV[1] // 2000;
my $keep  = $ENV{KEEP}; # show every file
my $tmp   = tempdir("zfwc-agreement-XXXXXX", TMPDIR => 1, CLEANUP => 1);

sub skip_all {
	print "1..0 # SKIP $_[0]\n";
	exit 0;
}
skip_all("needs root") if $> != 0;
skip_all("no nft") if system("nft --version >/dev/null 2>&1");
# In a network namespace of its own.
if (!$ENV{ZFWC_AGREEMENT_NAMESPACE}) {
	skip_all("no network namespaces") if system("unshare --net true 2>/dev/null");
	$ENV{ZFWC_AGREEMENT_NAMESPACE} = 1;
	exec("unshare", "--net", $^X, $0, $seed, $files) or die;
}
system("ip link add v0 type veth peer name v1") == 0 or die;

# ---- files ----

my $kind_of_mistake; # of the file at hand

sub text_of_tables {
	my (%seen, @tables);
	my $text = "";

	for (1 .. 1 + dice(2)) {
		my $family = any(qw(ip ip6 inet inet netdev));
		my $name = any("t1", "t2");
		next if $seen{"$family $name"}++;
		my ($table, $block) = table($family, $name);
		push @tables, $table;
		$text .= "$block\n";
	}
	$text .= commands(@tables) if chance(15);
	return $text;
}

# One in four has mistakes: mostly one, of meaning or of typing.
sub file {
	my ($number) = @_;

	roll($number);
	my $mistakes = chance(25);
	my $typed = $mistakes && chance(40);
	start_values(chance(15));
	careless(any(1, 1, 1, 1, 5)) if $mistakes && !$typed;
	my $text = text_of_tables();
	my @definitions = definitions();
	$text = lay_out(join("", @definitions, $text));
	$text = mistype($text) if $typed;
	$kind_of_mistake = $typed ? "typing" : join(", ", slips());
	return $text;
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
	system("{ $command; } >'$tmp/out' 2>'$tmp/err'");
	return ($?, get("out"), get("err"));
}

# Lines, with wrapped elements in one and the items of braces sorted.
sub same_text {
	my ($text) = @_;

	$text =~ s/,\n\s+/, /g;
	$text =~ s/elements = \{\K\s+/ /g;
	$text =~ s/elements = \{[^}]*[^}\s]\K\s+\}/ }/g;
	$text =~ s/\{ ([^{}\n]+?) \}/"{ " . join(", ", sort split(\/\s*,\s*\/, $1)) . " }"/ge;
	# Elements that were merged into one.
	$text =~ s/(?<!elements =) \{ ((?:(?! [:.] )[^,{}])+) \}/ $1/g;
	# nft 1.0.6 takes fields that aren't whole bytes for larger than they are.
	$text =~ s/\becn [^\n]*?0x[0-3]-0x\Kff\b/3/g;
	$text =~ s/\bhdrlength [^\n]*?\d-\K255\b/15/g;
	$text =~ s/\bflowlabel [^\n]*?\d-\K16777215\b/1048575/g;
	$text =~ s/(?<![\w:])([\w:]+)-\1(?![\w:])/$1/g;
	# It leaves this out where it means another rule when it is read again.
	$text =~ s/meta l4proto tcp (?=reject with tcp reset)//g;
	# It shows 'icmpx' as no code at all, which means 'icmp' where the family is known.
	$text =~ s/reject with icmp(v6|x|) port-unreachable/reject/g;
	# It calls these bytes by another name behind a match for ICMP.
	$text =~ s/icmp(v6)? checksum vmap/th dport vmap/g;
	$text =~ s/ ?packets \d+ bytes \d+//g;
	# It has no name for this, which is two matches that it takes for one.
	$text =~ s/\@th,0,32 0x(\w+)/"th sport " . (hex($1) >> 16) . " th dport " . (hex($1) & 0xffff)/ge;
	# 'fmt' writes no policy that isn't written.
	$text =~ s/^(\s*type filter hook .* priority [^;]*;)$/$1 policy accept;/mg;
	# What is left of a timeout.
	$text =~ s/ expires \w+//g;
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
	# Limits that the kernel can't count are none here.
	"netlink"  => qr/Error: Could not process rule: (Operation not supported|Device or resource busy|Value too large)|Could not resolve hostname/,
	"assert"   => qr/BUG: |Assertion|Segmentation|stack smashing/,
);

# Where zfwc deliberately takes what nft refuses.
sub is_lenient {
	my ($nft_says) = @_;

	# A block may end, and the next begin, on the same line.
	return 1 if $nft_says =~ /unexpected ('\}'|\w+), expecting (end of file or )?newline or semicolon/;
	# The kernel now and then takes elements of a hashed set for the same: of a
	# set that is declared twice, and of concatenations, be they all different.
	return $nft_says =~ /File exists/;
}

# And where it refuses what nft overlooks.
sub is_strict {
	my ($zfwc_says) = @_;

	# To nft any word is priority 0.
	return 1 if $zfwc_says =~ /unknown priority '/;

	# "{ 1, , 2 }", a second type, and counters that would never be seen
	return $zfwc_says =~ /unexpected ',', expected a value or '\}'|has a type already|only elements of named sets have/;
}

my (%sum, @wrong);
my (%messages, @wordy); # for files with one mistake

sub wrong {
	my ($number, $what) = @_;
	$sum{wrong}++;
	push @wrong, "file $number: $what" if @wrong < 40;
}

sub compare_listings {
	my ($number, $text, $listed) = @_;
	my @ways = ("compile --dump=listing rules", "compile --dump=listing json");

	# 'fmt' keeps what isn't a block.
	push @ways, "fmt rules" unless $text =~ /^(define|add|create|insert|delete|flush)\s/m
		|| ($text =~ /# note/ && $text =~ /^\s*map v1|elements/m); # what has comments stays as it is written
	put("json", (run("'$zfwc' compile --dump=json '$tmp/rules'"))[1]);
	for my $how (@ways) {
		my ($status, $out, $err) = run("cd '$tmp' && '$zfwc' $how");
		$out = without_notes($out);
		if ($status) {
			wrong($number, "'$how' fails: $err");
			last;
		} elsif (same_text($listed) ne same_text($out)) {
			wrong($number, "$how: " . first_difference(same_text($listed), same_text($out)));
			last;
		}
	}
}

sub compare {
	my ($number) = @_;
	my $text = file($number);

	put("rules", $text);
	put("load", "flush ruleset\n$text\n");
	my ($nft, $listed, $nft_err) = run("nft -f '$tmp/load' && nft list ruleset");
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
	my $errors = () = $our_err =~ /^\S.*: error: /mg;
	$messages{$errors}++ if $kind_of_mistake ne "" && $kind_of_mistake !~ /,/;
	push @wordy, "$number ($kind_of_mistake): $errors" if $kind_of_mistake !~ /,/ && $errors > 2;
	my ($first) = $our_err =~ /^(.*error: .*)/m;
	my ($theirs) = $nft_err =~ /(Error: .*)/;
	if (!$ours && !$nft) {
		$sum{"both accept"}++;
		compare_listings($number, $text, $listed);
	} elsif ($ours && $nft) {
		$sum{"both refuse"}++;
	} elsif ($ours ? is_strict($first // "") : is_lenient($theirs // "")) {
		$sum{"known differences"}++;
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
print "# messages for one mistake: ", join(", ", map { "$_: $messages{$_} files" } sort { $a <=> $b } keys %messages), "\n";
print "# $_\n" for $ENV{WORDY} ? @wordy : ();
print "# $_\n" for @wrong;
printf "%s 1 - %d files, %d times zfwc and nft disagree\n", $sum{wrong} ? "not ok" : "ok", $files, $sum{wrong} // 0;
printf "%s 2 - most files are accepted by both\n", 2 * ($sum{"both accept"} // 0) > $files ? "ok" : "not ok";
print "1..2\n";
