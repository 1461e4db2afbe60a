// SPDX-License-Identifier: Apache-2.0
#include "control/table/arrange.h"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace vipfwd::table {
namespace {

bool same_port(const abi::PortBoot& a, const abi::PortBoot& b) {
    return std::string_view(a.name) == b.name && std::string_view(a.device) == b.device &&
           a.driver == b.driver;
}

std::optional<std::uint8_t> find(std::span<const abi::PortBoot> all, const abi::PortBoot& wanted) {
    for (std::uint8_t i = 0; i < all.size(); ++i) {
        if (same_port(all[i], wanted))
            return i;
    }
    return std::nullopt;
}

}  // namespace

net::Facts arrange(net::Facts facts, const abi::BootParameters& configured,
                   const abi::BootParameters& running) {
    net::Facts arranged;
    arranged.left_to_rivals = std::move(facts.left_to_rivals);
    for (const abi::PortBoot& port : abi::ports_of(running)) {
        const auto index = find(abi::ports_of(configured), port);
        arranged.ports.push_back(index ? facts.ports[*index] : net::PortFacts{});
    }
    std::vector<std::optional<std::uint8_t>> running_index;
    for (const abi::PortBoot& port : abi::ports_of(configured))
        running_index.push_back(find(abi::ports_of(running), port));
    arranged.next_hop = [find_hop = std::move(facts.next_hop),
                         running_index = std::move(running_index)](
                            const IpAddress& address) -> std::optional<net::NextHop> {
        const std::optional<net::NextHop> hop = find_hop(address);
        if (!hop || !running_index[hop->port])
            return std::nullopt;
        return net::NextHop{hop->mac, *running_index[hop->port]};
    };
    return arranged;
}

}  // namespace vipfwd::table
