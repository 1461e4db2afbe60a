// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peer_traffic.h"

#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/core_cases.h"

namespace vipfwd::bench {
namespace {

constexpr std::uint32_t kAttackPercent = 30;

TrafficSpec attack(Shape shape) {
    return traffic_of(
        {.name = "attack", .world = {.protocol = packet::kIpProtocolUdp}, .shape = shape});
}

TrafficSpec plain_with(const TrafficSpec& attack) {
    TrafficSpec mix = traffic_of(usual_case());
    mix.mixed = attack.templates;
    mix.mixed_percent = kAttackPercent;
    return mix;
}

}  // namespace

std::map<std::string, TrafficSpec> peer_traffics() {
    const TrafficSpec fragments = attack(Shape::kFragments);
    const TrafficSpec icmp_errors = attack(Shape::kIcmpErrors);
    return {{"plain", traffic_of(usual_case())},
            {"attacked", attack(Shape::kWhole)},
            {"fragments", fragments},
            {"icmp_errors", icmp_errors},
            {"plain+fragments", plain_with(fragments)},
            {"plain+icmp_errors", plain_with(icmp_errors)}};
}

}  // namespace vipfwd::bench
