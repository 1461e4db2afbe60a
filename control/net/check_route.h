// SPDX-License-Identifier: Apache-2.0
// The way of health checks that go through tunnels, in the kernel: a rule sends packets with the
// checks' mark to a table of their own, whose only route leads to the loopback interface, where
// check.bpf.c encapsulates them and sends them out by the backend's port.
//
//   socket (SO_MARK) ──> rule 76 ──> table 7676 ──> lo ──> check.bpf.c ──> port ──> backend
//
// The loopback interface is always there and needs no neighbor; and if the kernel has the VIP
// itself (kernel_address), what is sent to it leaves by that interface anyway.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/net/check_map.h"
#include "control/net/check_program.h"
#include "control/net/netlink_client.h"
#include "dataplane/abi/result.h"

namespace vipfwd::net {

class CheckRoute {
  public:
    static constexpr std::uint32_t kRulePreference = 76;
    static constexpr std::uint32_t kTable = 7676;

    // Adds whatever is missing. Returns what that was, in words. Idempotent; takes some
    // microseconds if nothing is missing.
    Result<std::vector<std::string>> ensure(bool needs_v4, bool needs_v6);
    // Removes everything, also what a former process has left.
    void remove();

    // Null before ensure() has succeeded once, and after remove().
    std::shared_ptr<CheckMap> map() const { return program_ ? program_->map() : nullptr; }

  private:
    Result<void> ensure_rule(int family, std::vector<std::string>& added);
    Result<void> ensure_route(int family, std::vector<std::string>& added);

    NetlinkClient kernel_;
    std::optional<CheckProgram> program_;
};

}  // namespace vipfwd::net
