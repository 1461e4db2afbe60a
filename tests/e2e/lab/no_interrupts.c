// SPDX-License-Identifier: Apache-2.0
// To be preloaded into a dataplane: devices that are configured with receive interrupts do not
// start, as with some of DPDK's drivers.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <rte_ethdev.h>

static int has_interrupts[RTE_MAX_ETHPORTS];

int rte_eth_dev_configure(uint16_t device, uint16_t receive_queues, uint16_t transmit_queues,
                          const struct rte_eth_conf* conf) {
    int (*real)(uint16_t, uint16_t, uint16_t, const struct rte_eth_conf*) =
        dlsym(RTLD_NEXT, "rte_eth_dev_configure");
    has_interrupts[device] = conf->intr_conf.rxq;
    return real(device, receive_queues, transmit_queues, conf);
}

int rte_eth_dev_start(uint16_t device) {
    int (*real)(uint16_t) = dlsym(RTLD_NEXT, "rte_eth_dev_start");
    return has_interrupts[device] ? -ENOTSUP : real(device);
}
