// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/peer_link.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

void PeerLink::command(const health::AdminChange& change, std::vector<group::GroupPeer> peers,
                       group::PeerCommands::Done done) {
    exchange_.command(change, std::move(peers), monotonic_ns(), std::move(done));
}

std::vector<events::Event> PeerLink::update(
    const config::Config& config, std::span<const group::GroupStatus> groups,
    const std::function<std::string(std::size_t port)>& interface_of,
    const table::Publisher* publisher) {
    std::vector<group::PeerGroup> all;
    for (const group::GroupStatus& status : groups) {
        const auto group = std::ranges::find(config.groups, status.name, &config::Group::name);
        const auto port = std::ranges::find(config.ports, status.port, &config::Port::name);
        if (group == config.groups.end() || port == config.ports.end())
            continue;
        group::PeerGroup& one = all.emplace_back(group::PeerGroup{
            .config = *group,
            .interface = interface_of(static_cast<std::size_t>(port - config.ports.begin())),
            .source = status.source});
        if (auto compared = digests_.of(*group, publisher)) {
            one.digest = compared->digest;
            if (!config.gateway.key)
                one.digest->key = 0;
            one.findings = std::move(compared->findings);
        }
        if (status.state == vrrp::State::kBackup && status.last_advert)
            one.leader = status.last_advert->source;
        one.is_owner =
            status.state == vrrp::State::kActive || status.state == vrrp::State::kHandingOver;
    }
    return exchange_.update(all, config, monotonic_ns(), clock_ns(CLOCK_REALTIME));
}

void PeerLink::add_warnings(std::vector<group::GroupStatus>& groups, std::int64_t now_ns) const {
    for (group::GroupStatus& status : groups)
        std::ranges::move(exchange_.warnings(status.name, now_ns),
                          std::back_inserter(status.warnings));
}

}  // namespace vipfwd::gateway
