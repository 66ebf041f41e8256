#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernels.t - the programs load and do the same on the kernels that Debian has:
# each is booted in an emulator and runs the tests in 'jobs'.
#
# The kernels come from Debian's mirror, into KERNEL_CACHE (below the build tree).
# The table at the end says what each made of each test.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "${KERNEL_JOBS-}" ] || skip_all 'boots two kernels in an emulator, which takes minutes: KERNEL_JOBS=all runs it'
need qemu-system-x86_64 qemu-system-x86
need busybox busybox-static
need apt-get apt
need xz xz-utils
[ "$(uname -m)" = x86_64 ] || skip_all 'the tests are built for this processor, and only x86-64 can be emulated here'
[ -x "$BUILDDIR/tests/unit/test_plane_maps" ] || skip_all 'needs the unit tests: configured without libcmocka-dev'

cache=${KERNEL_CACHE:-$BUILDDIR/tests/kernels}
kernels=('bookworm 6.1' 'trixie 6.12') # suite, version
per_job=200                            # seconds of the guest
per_boot=500                           # seconds of this machine

# All, or those named in KERNEL_JOBS.
jobs() {
	local name
	all_jobs | while read -r name command; do
		[ "$KERNEL_JOBS" != all ] && [[ " $KERNEL_JOBS " != *" $name "* ]] || echo "$name $command"
	done
}

all_jobs() {
	local name
	for name in maps headers rules flows ops reject; do
		echo "$name \$BUILDDIR/tests/unit/test_plane_$name"
	done
	echo 'oracle ZFWC_ORACLE_RULESETS=4 ZFWC_ORACLE_PACKETS=5000 $BUILDDIR/tests/unit/test_oracle'
	for name in kernel tproxy; do
		echo "$name tests/net/$name.t"
	done
}

# result FILE JOB: passed/failed/skipped of one job, or what became of it.
result() {
	sed -n "/^=== $2\$/,/^--- $2 /p" "$1" | awk '
		/^ok .*# *[Ss][Kk][Ii][Pp]/ || /^not ok .*# *[Ss][Kk][Ii][Pp]/ || /^1\.\.0.*# *skip/ { skipped++; next }
		/^1\.\.[0-9]/ { planned += substr($1, 4) }
		/^not ok/ { failed++ }
		/^ok/ { passed++ }
		/^---/ { ended = 1; status = $3 }
		END {
			if (!ended) print "died"
			else if (status == 124 || status == 137) print "timeout"
			else if (failed || status) printf "%d/%d failed\n", failed, passed + failed
			else if (passed + skipped < planned || !passed) print "incomplete"
			else printf skipped ? "%d ok -%d\n" : "%d ok\n", passed, skipped
		}'
}

run_kernel() { # SUITE VERSION: output in $tmp/VERSION.*
	local tree
	tree=$("$SRCDIR/tests/kernels/fetch" "$cache" "$1" "$2" 2>"$tmp/$2.fetch") || return 1
	jobs | "$SRCDIR/tests/kernels/image" "$tree" "$tmp/$2.image" $per_job >"$tmp/$2.said" 2>&1 || return 0
	# By exec, so that the end of this script is the end of the emulator.
	exec "$SRCDIR/tests/kernels/boot" "$tree" "$tmp/$2.image" "$tmp/$2.console" $per_boot >"$tmp/$2.said" 2>&1
}

told() { # SUITE VERSION: the results of one kernel
	local name state status=0
	while read -r name _; do
		state=$(result "$tmp/$2.said" "$name")
		case $state in
		*ok*) continue ;;
		esac
		status=1
		echo "$name: $state"
		sed -n "/^=== $name\$/,/^--- $name /p" "$tmp/$2.said" | grep -v '^ok' | head -n 60
	done < <(jobs)
	[ $status = 0 ] || {
		tail -n 5 "$tmp/$2.said"
		tail -n 15 "$tmp/$2.console"
	}
	return $status
}

# One processor each, so both at once.
export SRCDIR BUILDDIR
declare -A process
for kernel in "${kernels[@]}"; do
	read -r suite version <<<"$kernel"
	run_kernel "$suite" "$version" &
	process[$version]=$!
	spawned+=($!)
done
table=$(printf '%-9s %-30s' suite kernel; jobs | awk '{ printf " %-9s", $1 }')
for kernel in "${kernels[@]}"; do
	read -r suite version <<<"$kernel"
	wait "${process[$version]}"
	[ -e "$tmp/$version.said" ] || {
		skip "Linux $version of Debian $suite" "can't be fetched: $(grep -v '^$' "$tmp/$version.fetch" | tail -n1)"
		continue
	}
	ok "Linux $version of Debian $suite: $(jobs | wc -l) tests" told "$suite" "$version"
	table+=$(printf '\n%-9s %-30s' "$suite" "$(sed -n 's/^kernel //p' "$tmp/$version.said")"
		while read -r name _; do printf ' %-9s' "$(result "$tmp/$version.said" "$name")"; done < <(jobs))
done
comment <<<"$table"
done_testing
