#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz.t - libFuzzer on the front end, with address and undefined-behaviour
# sanitizers.
#
#	FUZZ_SECONDS=300 tests/fuzz.t
#
# All targets together run for FUZZ_SECONDS, 20 when it isn't set.  What crashes
# is kept as crash-* in the folder FUZZ_KEEP names, and belongs into
# tests/fuzz/regressions/TARGET/ with its repair.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -x "$SRCDIR/configure" ] || skip_all 'needs ./configure: run ./autogen.sh'
command -v clang >/dev/null || skip_all 'needs clang'
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' >"$tmp/probe.c"
clang -fsanitize=fuzzer,address,undefined -o "$tmp/probe" "$tmp/probe.c" 2>/dev/null ||
	skip_all 'needs libFuzzer (Debian package libclang-rt-14-dev)'

seconds=${FUZZ_SECONDS-20}
keep=${FUZZ_KEEP-$tmp/found}
targets='fuzz_ast fuzz_ir fuzz_fmt fuzz_json'
flags='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
mkdir -p "$keep"

build() {
	mkdir -p "$tmp/build" && cd "$tmp/build" || return
	"$SRCDIR/configure" -q CC=clang CFLAGS="$flags" && make -s -j2 fuzz-targets
}

# One object of a ruleset as JSON is one file, in a table where it finds what it refers to.
json_seeds() {
	local file
	for file in "$SRCDIR"/tests/golden/{json,ir}/*.nft; do
		"$ZFWC" compile --dump=json "$file" 2>/dev/null
	done | perl -MJSON::PP -e '
		my $json = JSON::PP->new->canonical;
		my $n = 0;
		while (<STDIN>) {
			for my $object (@{$json->decode($_)->{nftables}}) {
				my ($kind, $o) = %$object;
				next if $kind eq "metainfo" || $kind eq "table";
				my $of = { family => $o->{family}, table => $o->{table} };
				my $chain = { chain => { %$of, name => $o->{chain} // "c" } };
				my $table = { table => { family => $o->{family}, name => $o->{table} } };
				open(my $out, ">", "$ARGV[0]/json" . $n++) or die;
				print $out $json->encode({ nftables => [$table, $chain, $n % 3 ? $object : { add => $object }] });
			}
		}' "$1"
}

# Every word of the language, from the tables that the compiler reads.
dictionary() {
	sed -nE 's/^(KEYWORD|FIELD|TYPE|UNSUPPORTED)\([^"]*("[^"]+").*/\2/p' "$SRCDIR"/grammar/*.def | sort -u
	printf '"%s"\n' '10.0.0.0/8' 'fe80::1' '00:11:22:33:44:55' '1-65535' '{ ' ' }' 'elements = { ' '$x' '@s' ' . ' ' : ' '!= ' \
		'\x0a' 'jump c' '/* ' '0x' '1h30m' 'table inet t {\x0a' 'chain c {\x0a' \
		'{\"' '\": ' '\"}' '[' ']' 'null' '\"match\"' '\"left\"' '\"right\"' '\"op\"' '\"set\"' '\"elem\"' '\"concat\"' '\"prefix\"' '\"range\"' \
		'type filter hook ingress device \"lo\" priority 0\x0a'
}

# One rule of the corpus is one file.
corpus() {
	local n=0 line
	while read -r line; do
		n=$((n + 1))
		printf 'table inet t {\nchain c {\ntype filter hook prerouting priority 0\n%s\n}\n}\n' "$line" >"$1/rule$n"
	done < <(cat "$SRCDIR"/../shared/corpus/nft-py/*/*.t 2>/dev/null | sed -nE 's/^([a-z][^;]*);(ok|fail).*/\1/p' | sort -u)
}

seeds() {
	mkdir -p "$tmp/seeds"
	corpus "$tmp/seeds"
	json_seeds "$tmp/seeds"
	cp "$SRCDIR"/examples/*.conf "$SRCDIR"/tests/golden/*/*.nft "$tmp/seeds/" 2>/dev/null
	# A list of 10^5 elements says nothing about the next byte.
	find "$tmp/seeds" -size +16k -delete
	[ "$(find "$tmp/seeds" -type f | wc -l)" -gt 10 ]
}

regressions() {
	local kept=("$SRCDIR/tests/fuzz/regressions/$1"/*)
	[ -e "${kept[0]}" ] || return 0
	"$tmp/build/tests/fuzz/$1" -timeout=20 "${kept[@]}"
}

fuzz() { # TARGET SECONDS
	local found=$tmp/$1.corpus
	mkdir -p "$found"
	"$tmp/build/tests/fuzz/$1" -dict="$tmp/words" -max_len=2048 -timeout=20 -rss_limit_mb=1536 -max_total_time="$2" \
		-artifact_prefix="$keep/$1-" -print_final_stats=1 -seed=1 "$found" "$tmp/seeds" >"$tmp/$1.log" 2>&1
	local status=$?
	grep -E 'ERROR|SUMMARY|runtime error|stat::number_of_executed_units|^refused|listing' "$tmp/$1.log" | head -5 | sed 's/^/# /'
	[ $status = 0 ] || tail -n 40 "$tmp/$1.log"
	return $status
}

ok 'the targets build' build
dictionary >"$tmp/words"
ok 'there are seeds' seeds
share=$((seconds / $(wc -w <<<"$targets")))
for target in $targets; do
	ok "$target: what once failed doesn't any more" regressions "$target"
	ok "$target: nothing found in $share seconds" fuzz "$target" "$share"
done
done_testing
