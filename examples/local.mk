# SPDX-License-Identifier: GPL-2.0-only
EXAMPLES = \
	examples/README.md \
	examples/gateway.conf \
	examples/host-firewall.conf \
	examples/openziti-intercept.conf \
	examples/quickstart.conf \
	examples/sidecar.conf \
	examples/squid-intercept.conf
