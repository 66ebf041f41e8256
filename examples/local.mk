# SPDX-License-Identifier: GPL-2.0-only
EXAMPLES = \
	examples/README.md \
	examples/egress.conf \
	examples/gateway.conf \
	examples/host-firewall.conf \
	examples/openziti-intercept.conf \
	examples/quickstart.conf \
	examples/service-edge.conf \
	examples/sidecar.conf \
	examples/squid-intercept.conf
