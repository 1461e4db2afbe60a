// SPDX-License-Identifier: Apache-2.0
// How the driver of a device tells a worker that waits of packets (path/queue_wait.h): by DPDK's
// receive interrupts, if the driver has them. What these are in DPDK 22.11:
//
//   driver          descriptor of a queue     arming
//   net_tap         the tap's own             not needed
//   PCI, by VFIO    an eventfd                unmasks the interrupt of the queue
//   virtio-user     an eventfd                asks the other end for notifications
//   net_af_packet, net_memif, net_pcap: none
//
// Those of net_af_xdp are not DPDK's: the port finds its sockets (host/xdp_footprint.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/path/queue_wait.h"

struct rte_eth_conf;

namespace vipfwd::io {

// To be called before the device is configured, for find_wakeups().
void request_wakeups(rte_eth_conf& conf);

// By receive queue of a started device. A queue that cannot end a wait has no descriptor; so have
// queues that share one, because the first worker that wakes up would read the event of the others.
std::vector<path::QueueWakeup> find_wakeups(std::uint16_t device, std::uint32_t queues);

// Whether each queue has one.
bool are_complete(std::span<const path::QueueWakeup> wakeups);

}  // namespace vipfwd::io
