// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/port.h"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "dataplane/host/capture_file.h"
#include "dataplane/host/interface.h"
#include "dataplane/host/memory_plan.h"
#include "dataplane/host/stdio_redirect.h"
#include "dataplane/io/queue_wakeups.h"

namespace vipfwd::io {
namespace {

constexpr std::uint32_t kAnyMtu = 65535;

// The number of descriptors of receive and transmit rings. host/memory_plan.cpp counts buffers for
// them.
std::uint16_t ring_slots(abi::Driver driver) {
    return driver == abi::Driver::kAfXdp ? 2048 : 1024;
}

// A device of driver vdev may be one of DPDK's AF_XDP driver, too.
bool opens_xdp_sockets(const host::PortPlan& plan) {
    return plan.driver == abi::Driver::kAfXdp ||
           (plan.driver == abi::Driver::kVdev && plan.device.starts_with("net_af_xdp"));
}

MacAddress device_mac(std::uint16_t device) {
    rte_ether_addr address{};
    rte_eth_macaddr_get(device, &address);
    MacAddress mac;
    std::memcpy(mac.bytes.data(), address.addr_bytes, mac.bytes.size());
    return mac;
}

std::string reason(int negative_errno, const std::string& printed) {
    const std::string why = host::failure_cause(printed);
    return why.empty() ? std::string(rte_strerror(-negative_errno)) : why;
}

}  // namespace

Result<std::unique_ptr<Port>> Port::open(const host::PortPlan& plan, host::PortClaim& claim,
                                         std::uint16_t device, const Setup& setup) {
    std::unique_ptr<Port> port(new Port(plan, claim, device, setup));
    if (Result<void> done = port->start(); !done)
        return done.error();
    if (Result<void> done = port->take_addresses(); !done)
        return done.error();
    return port;
}

Port::~Port() {
    (void)close();
}

// An AF_XDP socket has one receive and one transmit queue.
std::uint32_t Port::transmit_queues() const {
    return plan_.driver == abi::Driver::kAfXdp ? plan_.queues : setup_.workers;
}

// Some drivers refuse receive interrupts when they are configured, and some only when they start.
Result<void> Port::start() {
    if (!setup_.workers_wait || opens_xdp_sockets(plan_))
        return try_to_start(false);
    Result<void> done = try_to_start(true);
    if (done) {
        wakeups_ = find_wakeups(device_, plan_.queues);
        return done;
    }
    interrupt_fault_ = done.error().message;
    wakeups_.assign(plan_.queues, {});
    return try_to_start(false);
}

Result<void> Port::try_to_start(bool with_interrupts) {
    if (Result<void> done = configure(with_interrupts); !done)
        return done;
    if (Result<void> done = open_queues(); !done)
        return done;
    const host::StdioRedirect redirect;
    if (const int fault = rte_eth_dev_start(device_); fault != 0)
        return host::port_error(plan_, "cannot be started: " + reason(fault, redirect.text()));
    return {};
}

Result<void> Port::configure(bool with_interrupts) {
    rte_eth_dev_info info{};
    if (const int fault = rte_eth_dev_info_get(device_, &info); fault != 0)
        return host::port_error(plan_,
                                "cannot read the properties of the device: " + reason(fault, {}));
    if (plan_.queues > info.max_rx_queues) {
        return host::port_error(plan_, "queues = " + std::to_string(plan_.queues) +
                                           ", but the device has " +
                                           std::to_string(info.max_rx_queues));
    }
    if (transmit_queues() > info.max_tx_queues) {
        return host::port_error(plan_, std::to_string(setup_.workers) +
                                           " workers, but the device has " +
                                           std::to_string(info.max_tx_queues) + " transmit queues");
    }
    rte_eth_conf conf{};
    if (with_interrupts)
        request_wakeups(conf);
    const std::uint64_t hashes =
        info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
    if (plan_.queues > 1 && hashes != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = hashes;
    }
    // FAST_FREE is safe: all buffers are of one pool, and no two packets share one.
    transmit_offloads_ =
        info.tx_offload_capa & (RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
    conf.txmode.offloads = transmit_offloads_;
    takes_chains_ = (transmit_offloads_ & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0 ||
                    plan_.driver == abi::Driver::kPcap || plan_.driver == abi::Driver::kAfPacket;

    const host::StdioRedirect redirect;
    const int fault = rte_eth_dev_configure(device_, static_cast<std::uint16_t>(plan_.queues),
                                            static_cast<std::uint16_t>(transmit_queues()), &conf);
    if (fault != 0)
        return host::port_error(plan_, "cannot be configured: " + reason(fault, redirect.text()));
    return set_mtu();
}

// The MTU of a kernel interface was set when it was claimed.
Result<void> Port::set_mtu() {
    if (plan_.mtu == 0 || host::is_interface(plan_) || plan_.driver == abi::Driver::kPcap)
        return {};
    const host::StdioRedirect redirect;
    const int fault = rte_eth_dev_set_mtu(device_, static_cast<std::uint16_t>(plan_.mtu));
    if (fault == 0 || fault == -ENOTSUP)
        return {};
    return host::port_error(plan_, "cannot set its MTU to " + std::to_string(plan_.mtu) + ": " +
                                       reason(fault, redirect.text()));
}

// Keeps the footprint of an af_xdp port only, because such a port may be opened again.
Result<void> Port::open_queues() {
    if (!opens_xdp_sockets(plan_))
        return set_up_queues();
    footprint_.emplace();
    Result<void> done = set_up_queues();
    footprint_->complete();
    if (plan_.driver != abi::Driver::kAfXdp)
        footprint_.reset();
    return done;
}

Result<void> Port::set_up_queues() {
    const host::StdioRedirect redirect;
    const unsigned socket = static_cast<unsigned>(std::max(rte_eth_dev_socket_id(device_), 0));
    std::uint16_t receive_slots = ring_slots(plan_.driver);
    std::uint16_t transmit_slots = receive_slots;
    rte_eth_dev_adjust_nb_rx_tx_desc(device_, &receive_slots, &transmit_slots);
    for (std::uint16_t queue = 0; queue < plan_.queues; ++queue) {
        const int fault =
            rte_eth_rx_queue_setup(device_, queue, receive_slots, socket, nullptr, setup_.pool);
        if (fault != 0) {
            return host::port_error(plan_, "cannot open receive queue " + std::to_string(queue) +
                                               ": " + reason(fault, redirect.text()));
        }
        if (footprint_)
            wakeups_.push_back({.fd = footprint_->take_socket()});
    }
    rte_eth_txconf conf{};
    conf.offloads = transmit_offloads_;
    for (std::uint16_t queue = 0; queue < transmit_queues(); ++queue) {
        const int fault = rte_eth_tx_queue_setup(device_, queue, transmit_slots, socket, &conf);
        if (fault != 0) {
            return host::port_error(plan_, "cannot open transmit queue " + std::to_string(queue) +
                                               ": " + reason(fault, redirect.text()));
        }
    }
    return {};
}

Result<void> Port::take_addresses() {
    if (plan_.driver == abi::Driver::kAfPacket)
        host::ignore_outgoing_packets();
    if (Result<void> done = take_multicast(); !done)
        return done;
    return set_mac();
}

// For neighbor solicitations for VIPs, and for protocols of the kernel: VRRP, routing.
Result<void> Port::take_multicast() {
    if (plan_.driver == abi::Driver::kAfPacket) {
        Result<abi::Fd> taken = host::take_all_multicast(plan_.device);
        if (!taken)
            return host::port_error(plan_, taken.error().message);
        multicast_ = std::move(*taken);
        return {};
    }
    // The AF_XDP driver takes all frames that the interface receives.
    if (plan_.driver == abi::Driver::kAfXdp || plan_.driver == abi::Driver::kPcap)
        return {};
    const int fault = rte_eth_allmulticast_enable(device_);
    if (fault == 0 || fault == -ENOTSUP)
        return {};
    return host::port_error(plan_, "cannot receive multicast: " + reason(fault, {}));
}

// The address of a kernel interface belongs to the kernel: the interface becomes promiscuous
// instead, to receive frames for the configured address too. A capture has no address.
Result<void> Port::set_mac() {
    if (!plan_.mac || *plan_.mac == device_mac(device_) || plan_.driver == abi::Driver::kPcap)
        return {};
    if (host::is_interface(plan_)) {
        const Result<bool> changed = host::set_promiscuous(plan_.device, true);
        if (!changed)
            return host::port_error(plan_, changed.error().message);
        made_promiscuous_ = *changed;
        return {};
    }
    rte_ether_addr address{};
    std::memcpy(address.addr_bytes, plan_.mac->bytes.data(), plan_.mac->bytes.size());
    int fault = rte_eth_dev_default_mac_addr_set(device_, &address);
    if (fault == -ENOTSUP)
        fault = rte_eth_promiscuous_enable(device_);
    if (fault != 0)
        return host::port_error(plan_, "cannot set its MAC address: " + reason(fault, {}));
    return {};
}

host::PortFacts Port::facts() const {
    host::PortFacts facts{device_mac(device_), claim_.mtu(),
                          std::min(setup_.buffer_mtu, host::kLargestMtu)};
    std::uint16_t mtu = 0;
    if (plan_.driver == abi::Driver::kPcap) {
        facts.mtu_limit = kAnyMtu;
    } else if (host::is_interface(plan_)) {
        if (const auto interface = host::read_interface(plan_.device))
            facts = {interface->mac, interface->mtu, std::min(facts.mtu_limit, interface->mtu)};
    } else if (plan_.mtu == 0 && rte_eth_dev_get_mtu(device_, &mtu) == 0) {
        facts.mtu = mtu;
        facts.mtu_limit = std::min<std::uint32_t>(mtu, host::kLargestMtu);
    }
    if (plan_.mac)
        facts.mac = *plan_.mac;
    return facts;
}

host::PortReading Port::read() const {
    host::PortReading reading;
    bool up = false;
    if (host::is_interface(plan_)) {
        const Result<host::InterfaceFacts> interface = host::read_interface(plan_.device);
        up = interface && interface->running;
    } else {
        rte_eth_link link{};
        up = rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status != 0;
    }
    reading.state = up ? abi::PortState::kUp : abi::PortState::kDown;
    rte_eth_stats stats{};
    if (rte_eth_stats_get(device_, &stats) != 0)
        return reading;
    reading.received_packets = stats.ipackets;
    reading.received_bytes = stats.ibytes;
    reading.transmitted_packets = stats.opackets;
    reading.transmitted_bytes = stats.obytes;
    reading.missed_packets = stats.imissed + stats.rx_nombuf;
    reading.receive_errors = stats.ierrors;
    reading.transmit_errors = stats.oerrors;
    if (tap_)
        reading.transmit_errors += tap_->unsent().load(std::memory_order_relaxed);
    return reading;
}

// The driver calculates offsets from the start of the page in which the pool's memory begins.
void Port::free_buffers_of_sockets() {
    claim_.stop_steering();
    const rte_mempool_memhdr* memory = STAILQ_FIRST(&setup_.pool->mem_list);
    const auto start = reinterpret_cast<std::uintptr_t>(memory->addr);
    const std::uintptr_t base = start - start % static_cast<std::uintptr_t>(getpagesize());
    for (const std::uint64_t offset : footprint_->buffers()) {
        const std::uintptr_t place = base + offset + setup_.pool->header_size;
        if (place < start || place >= start + memory->len)
            continue;
        auto* const buffer = reinterpret_cast<rte_mbuf*>(place);
        if (buffer->pool == setup_.pool)
            rte_pktmbuf_free(buffer);
    }
}

Result<void> Port::close() {
    if (!open_)
        return {};
    open_ = false;
    const host::PortReading last = claim_.output() >= 0 ? read() : host::PortReading{};
    tap_.reset();
    multicast_ = abi::Fd();
    if (footprint_)
        free_buffers_of_sockets();
    const host::StdioRedirect redirect;
    rte_eth_dev_stop(device_);
    rte_eth_dev_close(device_);
    if (footprint_)
        footprint_->close_descriptors();
    if (made_promiscuous_)
        (void)host::set_promiscuous(plan_.device, false);
    if (claim_.output() < 0)
        return {};
    return host::check_written(plan_.output, claim_.output(), last.transmitted_packets,
                               last.transmitted_bytes);
}

}  // namespace vipfwd::io
