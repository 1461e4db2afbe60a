// SPDX-License-Identifier: Apache-2.0
#include "control/table/facts.h"

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

Facts arrange(Facts facts, const abi::BootParameters& configured,
              const abi::BootParameters& running) {
    Facts arranged;
    for (const abi::PortBoot& port : abi::ports_of(running)) {
        const auto index = find(abi::ports_of(configured), port);
        arranged.ports.push_back(index ? facts.ports[*index] : PortFacts{});
    }
    std::vector<std::optional<std::uint8_t>> running_index;
    for (const abi::PortBoot& port : abi::ports_of(configured))
        running_index.push_back(find(abi::ports_of(running), port));
    arranged.next_hop = [ask = std::move(facts.next_hop), running_index = std::move(running_index)](
                            const IpAddress& address) -> std::optional<NextHop> {
        const std::optional<NextHop> hop = ask(address);
        if (!hop || !running_index[hop->port])
            return std::nullopt;
        return NextHop{hop->mac, *running_index[hop->port]};
    };
    return arranged;
}

}  // namespace vipfwd::table
