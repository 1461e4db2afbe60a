// SPDX-License-Identifier: Apache-2.0
// The `ip` command, and a second machine on the network. Needs root.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace vipfwd::net {

// Runs "ip ARGUMENTS". The test fails if the command does.
void run_ip(const std::string& arguments);

// True if "ip ARGUMENTS" prints anything.
bool ip_says(const std::string& arguments);

// A second machine: a network namespace, kept alive by an idle process.
class Peer {
  public:
    Peer();
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // For `ip link set DEVICE netns PID`.
    std::string pid() const { return std::to_string(pid_); }
    void run_ip(const std::string& arguments) const;
    // Makes a veth pair: up0 here, with 10.0.0.1/24, and down0 there, with 10.0.0.2/24. With IPv6,
    // they also have fd00::1/64 and fd00::2/64.
    void link(bool with_ipv6) const;
    // Calls it in the peer's namespace, where the sockets that it opens remain.
    void visit(const std::function<void()>& call) const;

  private:
    pid_t pid_ = -1;
};

}  // namespace vipfwd::net
