// SPDX-License-Identifier: Apache-2.0
// The sysctl net.ipv4.conf.INTERFACE.accept_local. Where the kernel has a VIP itself
// (kernel_address), it discards what backends send from that VIP to this machine, such as the
// answers to health checks, unless this is set. IPv6 needs nothing alike.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::net {

class AcceptLocal {
  public:
    // `directory` has a directory for each interface.
    explicit AcceptLocal(std::string directory = "/proc/sys/net/ipv4/conf")
        : directory_(std::move(directory)) {}

    // Sets it for these interfaces, except for those that do not exist (yet).
    Result<void> set(const std::vector<std::string>& interfaces);
    // Resets it where set() has changed it.
    void restore();

  private:
    std::string path(const std::string& interface) const;

    std::string directory_;
    std::set<std::string> changed_;
};

}  // namespace vipfwd::net
