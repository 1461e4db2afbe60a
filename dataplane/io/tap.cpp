// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/tap.h"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <string>

#include "dataplane/host/memory_plan.h"
#include "dataplane/host/stdio_redirect.h"
#include "dataplane/io/queue_wakeups.h"

namespace vipfwd::io {
namespace {

// The largest MTU that the driver supports: DPDK 22.11's supports ordinary Ethernet frames only.
std::uint32_t largest_mtu(std::uint16_t device) {
    rte_eth_dev_info info{};
    if (rte_eth_dev_info_get(device, &info) != 0)
        return RTE_ETHER_MTU;
    constexpr std::uint32_t kOverhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
    return std::min(std::uint32_t{info.max_mtu},
                    std::max(info.max_rx_pktlen, kOverhead) - kOverhead);
}

// An error with the cause if `outcome` is negative.
Result<void> checked(int outcome, const std::string& step, const host::StdioRedirect& redirect) {
    if (outcome >= 0)
        return {};
    const std::string why = host::failure_cause(redirect.text());
    return Error{"its kernel_interface " + step + ": " +
                 (why.empty() ? std::string(rte_strerror(-outcome)) : why)};
}

}  // namespace

Result<std::unique_ptr<Tap>> Tap::open(std::uint16_t device, const Setup& setup) {
    std::unique_ptr<Tap> tap(new Tap(device, std::min(setup.mtu, largest_mtu(device))));
    const auto queues = static_cast<std::uint16_t>(setup.workers);
    if (Result<void> done = tap->configure(queues, setup.workers_wait); !done)
        return done.error();
    if (Result<void> done = tap->set_up_queues(queues, setup.pool); !done)
        return done.error();
    if (Result<void> done = tap->start(); !done)
        return done.error();
    if (setup.workers_wait)
        tap->wakeups_ = find_wakeups(device, queues);
    return tap;
}

Tap::~Tap() {
    const host::StdioRedirect redirect;
    rte_eth_dev_stop(device_);
    rte_eth_dev_close(device_);
}

// The length as the driver counts it.
std::uint32_t Tap::longest_frame() const {
    return mtu_ + host::kLongestLinkHeader;
}

Result<void> Tap::configure(std::uint16_t queues, bool workers_wait) {
    const host::StdioRedirect redirect;
    rte_eth_conf conf{};
    if (workers_wait)
        request_wakeups(conf);
    if (Result<void> done = checked(rte_eth_dev_configure(device_, queues, queues, &conf),
                                    "cannot have a queue for each worker", redirect);
        !done)
        return done;
    return checked(rte_eth_dev_set_mtu(device_, static_cast<std::uint16_t>(mtu_)),
                   "cannot have an MTU of " + std::to_string(mtu_), redirect);
}

Result<void> Tap::set_up_queues(std::uint16_t queues, rte_mempool* pool) {
    const host::StdioRedirect redirect;
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
        if (Result<void> done =
                checked(rte_eth_rx_queue_setup(device_, queue, host::kTapBuffers, 0, nullptr, pool),
                        "cannot open a receive queue", redirect);
            !done)
            return done;
        if (Result<void> done =
                checked(rte_eth_tx_queue_setup(device_, queue, host::kTapBuffers, 0, nullptr),
                        "cannot open a transmit queue", redirect);
            !done)
            return done;
    }
    return {};
}

// Promiscuous, because newer drivers deliver only frames to the tap's own address, but the kernel
// sends to other addresses.
Result<void> Tap::start() {
    const host::StdioRedirect redirect;
    rte_eth_promiscuous_enable(device_);
    return checked(rte_eth_dev_start(device_), "cannot be brought up", redirect);
}

}  // namespace vipfwd::io
