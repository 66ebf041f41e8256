# SPDX-License-Identifier: GPL-2.0-only
# Layout.pm - the same text, laid out otherwise: comments, white space, ';'.  And
# slips of the fingers.
package Layout;
use strict;
use warnings;
use Exporter qw(import);
use Dice;

our @EXPORT = qw(lay_out mistype without_notes);

my $string = qr/"[^"\n]*"/;

sub note { "# note " . dice(100) }

# Changes what stands between strings.
sub outside_strings {
	my ($text, $change) = @_;

	return join("", map { /^"/ ? $_ : $change->($_) } split(/($string)/, $text));
}

sub with_notes {
	my ($text) = @_;

	# Not in sets: 'fmt' leaves the elements as they are written there.
	return join("", map { (chance(8) && !/elements/ ? note() . "\n" : "") . (chance(12) && !/elements/ ? s/\n$/" " . note() . "\n"/er : $_) } split(/^/, $text));
}

# A rule and the next on one line, a block on one line.
sub with_semicolons {
	my ($text) = @_;
	my @lines = split(/^/, $text);

	for my $i (0 .. $#lines - 1) {
		next if $lines[$i] =~ /#|[{}]$|^\s*$|^\S/ || !chance(30);
		$lines[$i] =~ s/;?\n$/any("; ", ";", " ; ")/e;
	}
	for my $line (@lines) {
		$line =~ s/\n$/ any("", " ")/e if $line =~ /\{\n$/ && $line !~ /#/ && chance(20);
	}
	return join("", @lines);
}

sub with_spaces {
	my ($text) = @_;

	return outside_strings($text, sub { $_[0] =~ s/(?<! )( )(?! )/chance(8) ? any("  ", "\t", " \t ", " \\\n") : " "/ger });
}

sub with_wraps {
	my ($text) = @_;

	return outside_strings($text, sub { $_[0] =~ s/, /chance(15) ? any(",\n\t\t", ",", ",  ") : ", "/ger });
}

sub lay_out {
	my ($text) = @_;

	$text = with_semicolons($text) if chance(25);
	my $wraps = chance(30);
	$text = with_wraps($text) if $wraps;
	$text = with_spaces($text) if chance(20);
	$text = with_notes($text) if chance(25) && !$wraps && $text !~ /\\$/m;
	$text =~ s/\{\n\t\}/any("{ }", "{}")/ge if chance(30);
	$text =~ s/(?<!,)\n/\n\n/g if chance(5) && $text !~ /\\$/m;
	return $text;
}

# A listing without the comments that lay_out() strewed in.
sub without_notes {
	my ($text) = @_;

	$text =~ s/^\s*#[^"\n]*\n//mg;
	$text =~ s/[ \t]*#[^"\n]*$//mg;
	return $text;
}

# One token is left out, doubled, or changes places with the next.
sub mistype {
	my ($text) = @_;
	my @tokens = split(/($string|[\w.\/:\$-]+|[ \t]+|\n|.)/, $text);

	@tokens = grep { $_ ne "" } @tokens;
	my @at = grep { $tokens[$_] =~ /\S/ } 0 .. $#tokens - 2;
	my $i = any(@at);
	my $how = dice(4);

	if ($how == 0) {
		$tokens[$i] = "";
	} elsif ($how == 1) {
		$tokens[$i] .= " $tokens[$i]";
	} elsif ($how == 2) {
		@tokens[$i, $i + 2] = @tokens[$i + 2, $i];
	} else {
		my $n = dice(length $tokens[$i]);
		substr($tokens[$i], $n, 1) = any("", "x", "0", "-", "{", ";", "/", ".", ",", ":");
	}
	return join("", @tokens);
}

1;
