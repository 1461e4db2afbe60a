// SPDX-License-Identifier: Apache-2.0
// Keeps the programs that steer packets to the dataplane in step with the tables, and knows whether
// they are: a gateway whose kernel still takes the packets for the VIPs must not own them.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

#include "control/net/steering_maps.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

// An AF_XDP port of the running dataplane.
struct SteeredPort {
    std::string name;
    std::string interface;
    net::VlanTags tags;
};

class Steering {
  public:
    // As net::sync_steering_maps.
    using Sync = std::function<Result<net::SteeringOutcome>(
        const std::string& interface, net::VlanTags, const net::SteeringRules&)>;

    explicit Steering(Sync sync = net::sync_steering_maps) : sync_(std::move(sync)) {}

    // A program that cannot be read or written counts as what it was before; one that is not there
    // is out of step. Either is logged when it is news.
    void follow(std::span<const SteeredPort> ports, const net::SteeringRules& packets);
    bool in_step() const { return in_step_; }
    // All programs know that the kernel has the VIP, too, and keep it from answering for that.
    bool is_local(const IpAddress& vip) const { return local_.contains(vip); }
    // The dataplane is gone, and with it what its programs were told.
    void reset();

  private:
    enum class Told { kYes, kNo, kPerhaps };

    Told tell(const SteeredPort& port, const net::SteeringRules& packets);
    void report(const std::string& port, const std::string& problem);

    Sync sync_;
    bool in_step_ = false;
    std::set<IpAddress> local_;                    // VIPs, as all programs were told
    std::map<std::string, std::string> problems_;  // by port, that have been logged
};

}  // namespace vipfwd::gateway
