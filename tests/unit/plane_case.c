// SPDX-License-Identifier: GPL-2.0-only
#include <tests/unit/plane_case.h>

#include <net/if.h>
#include <string.h>

struct plane plane;
struct hand hand;
uint32_t ifindex;

void interface_set(uint32_t index, struct zf_interface i)
{
	plane_set(&plane, MAP_INTERFACE, &index, &i);
}

int case_setup_group(void **state)
{
	(void)state;
	plane_namespace();
	assert_int_equal(plane_command(
				 "ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up"),
			 0);
	ifindex = if_nametoindex("d0");
	return 0;
}

int case_setup(void **state)
{
	(void)state;
	memset(&hand, 0, sizeof(hand));
	plane_load(&plane, NULL);
	interface_set(ifindex, (struct zf_interface){ .sets = { 1 } });
	return 0;
}

int case_teardown(void **state)
{
	(void)state;
	plane_free(&plane);
	return 0;
}

void begin(void)
{
	hand_write(&hand, &plane);
}

int send_frame(const struct frame *f)
{
	return plane_run(plane.entry, f, ifindex);
}

int send_packet(struct packet_spec s)
{
	struct frame f;

	frame_make(&f, &s);
	return send_frame(&f);
}

int send_out(struct packet_spec s)
{
	struct frame f;

	frame_make(&f, &s);
	return plane_run(plane.egress, &f, ifindex);
}
