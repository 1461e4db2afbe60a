// SPDX-License-Identifier: Apache-2.0
// The gateway's side of group::PeerExchange: gathers what it needs of each group.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/events/event.h"
#include "control/gateway/group_digests.h"
#include "control/group/group_status.h"
#include "control/group/peer_commands.h"
#include "control/group/peer_exchange.h"
#include "control/health/admin.h"
#include "control/table/pool_writers.h"

namespace vipfwd::gateway {

class PeerLink {
  public:
    PeerLink(std::string version, group::PeerCommands::Execute execute)
        : exchange_(std::move(version), std::move(execute)) {}

    // See group::PeerExchange.
    void command(const health::AdminChange& change, std::vector<group::GroupPeer> peers,
                 group::PeerCommands::Done done);
    bool is_update_due() const { return exchange_.is_update_due(); }
    const table::PoolWriters& followed_writers() const { return exchange_.followed_writers(); }

    // `interface_of` has the kernel interface of a port, by its index.
    // `publisher` is null while there is no region. Returns what is to be recorded.
    [[nodiscard]] std::vector<events::Event> update(
        const config::Config& config, std::span<const group::GroupStatus> groups,
        const std::function<std::string(std::size_t port)>& interface_of,
        const table::Publisher* publisher);
    // Appends the warnings of each group to it.
    void add_warnings(std::vector<group::GroupStatus>& groups, std::int64_t now_ns) const;

  private:
    GroupDigests digests_;
    group::PeerExchange exchange_;
};

}  // namespace vipfwd::gateway
