// SPDX-License-Identifier: Apache-2.0
// Keeps the XDP programs that steer packets to the dataplane in sync with the tables in force. A
// gateway whose kernel still takes the packets of its VIPs must not own them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/net/steering_maps.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

// An AF_XDP port that the dataplane has open.
struct SteeredPort {
    std::string name;
    std::string interface;
    net::VlanTags tags;
    std::uint64_t openings = 0;  // abi::PortStatus::openings: each has a program of its own

    friend bool operator==(const SteeredPort&, const SteeredPort&) = default;
};

// The configured AF_XDP ports that are open.
std::vector<SteeredPort> steered_ports(const config::Config& config,
                                       const abi::DataplaneStatus& status);

class Steering {
  public:
    // The type of net::sync_steering_maps.
    using SyncProgram = std::function<Result<net::SteeringOutcome>(
        const std::string& interface, net::VlanTags, const net::SteeringRules&)>;

    explicit Steering(SyncProgram sync_program = net::sync_steering_maps)
        : sync_program_(std::move(sync_program)) {}

    // Updates the program of each port. A program that cannot be read or written keeps its former
    // state; a missing one is out of sync. Each new problem is logged once.
    void sync(std::span<const SteeredPort> ports, const net::SteeringRules& rules);
    // Whether the programs of all ports of the last sync() steer what it asked for.
    bool in_sync() const { return in_sync_; }
    // Whether this opening of the port was among them.
    bool covers(const SteeredPort& port) const {
        return std::ranges::find(ports_, port) != ports_.end();
    }
    // Whether all programs know that the kernel has the VIP as well, and so keep the kernel from
    // answering ARP for it.
    bool is_local(const IpAddress& vip) const { return local_vips_.contains(vip); }
    // What the programs have noted of hosts that use a VIP, by the name of the port that saw it.
    std::vector<std::pair<std::string, bpf::VipSender>> take_senders() {
        return std::exchange(senders_, {});
    }
    // Why packets do not reach the dataplane: "port uplink: ...".
    std::vector<std::string> problems() const;
    // The dataplane is gone, and its programs with it.
    void reset();

  private:
    enum class Outcome { kInSync, kMissing, kUnknown };

    Outcome sync_port(const SteeredPort& port, const net::SteeringRules& rules);
    void report(const std::string& port, const std::string& problem);

    SyncProgram sync_program_;
    bool in_sync_ = false;
    std::vector<SteeredPort> ports_;  // of the last sync()
    std::set<IpAddress> local_vips_;
    std::vector<std::pair<std::string, bpf::VipSender>> senders_;
    std::map<std::string, std::string> problems_;  // by port, as they were logged
};

}  // namespace vipfwd::gateway
