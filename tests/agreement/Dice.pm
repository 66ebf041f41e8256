# SPDX-License-Identifier: GPL-2.0-only
# Dice.pm - random choices, and the mistakes of a file.
package Dice;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT = qw(roll dice chance any some careless slip slips);

my $left; # mistakes that the file may still get
my @made; # and those that it has

# Starts a file: all that follows depends on 'number' alone.
sub roll {
	my ($number) = @_;

	srand($number);
	$left = 0;
	@made = ();
}

sub dice { int(rand($_[0])) }
sub chance { rand(100) < $_[0] }
sub any { $_[dice(scalar @_)] }

# 'n' of the others, in their order.
sub some {
	my ($n, @all) = @_;

	splice(@all, dice(scalar @all), 1) while @all > $n;
	return @all;
}

sub careless { $left = $_[0] }

# Here a mistake of this kind could be made: is it?
sub slip {
	my ($kind) = @_;

	return 0 unless $left && chance(2);
	$left--;
	push @made, $kind;
	return 1;
}

sub slips { @made }

1;
