#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes ./configure from configure.ac.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
for tool in autoconf automake aclocal; do
	command -v $tool >/dev/null || missing="$missing $tool"
done
command -v pkg-config >/dev/null || missing="$missing pkg-config"
if [ -n "$missing" ]; then
	echo "autogen.sh: not found:$missing" >&2
	echo "autogen.sh: on Debian: apt-get install autoconf automake pkg-config" >&2
	exit 1
fi
exec autoreconf --install --warnings=all,no-portability,no-obsolete
