// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/core_cases.h"

#include <initializer_list>
#include <utility>

namespace vipfwd::bench {
namespace {

constexpr std::uint64_t kMillion = 1 << 20;

std::vector<Case> single_cases() {
    using packet::kIpProtocolUdp, packet::kTcpRst, packet::kTcpSyn;
    return {
        {.name = "ipv4 ipip, 1 flow", .flows = 1},
        {.name = "ipv4 ipip, 4 K flows", .flows = 1 << 12},
        usual_case(),
        {.name = "ipv4 ipip, 1 M flows", .flows = kMillion},
        {.name = "ipv4 ipip, 1 M flows, Zipf", .flows = kMillion, .order = Order::kZipf},
        {.name = "ipv4 ipip, 1 M flows, sequential",
         .flows = kMillion,
         .order = Order::kSequential},
        {.name = "ipv4 ipip, 8 M flows",
         .world = {.table_flows = 8 * kMillion},
         .flows = 8 * kMillion},
        {.name = "ipv4 ipip, 16 M flows",
         .world = {.table_flows = 16 * kMillion},
         .flows = 16 * kMillion},
        {.name = "ipv4 ipip, new flows, 1 M table", .order = Order::kNew, .tcp_flags = kTcpSyn},
        {.name = "ipv4 ipip, 64 K flows, one packet in 8 of a new flow", .new_one_in = 8},
        {.name = "ipv4 ipip, SYN flood over budget",
         .world = {.new_flows_per_s = 10, .service_share_percent = 1},
         .order = Order::kNew,
         .tcp_flags = kTcpSyn},
        {.name = "ipv4 ipip, ring only", .world = {.ring_only = true}},
        {.name = "ipv4 ipip, 64 K flows that are not remembered", .tcp_flags = kTcpRst},
        {.name = "ipv4 ipip, 64 K flows, UDP in two fragments",
         .world = {.protocol = kIpProtocolUdp},
         .shape = Shape::kFragments},
        {.name = "ipv4 ipip, 64 K flows, UDP in two fragments, first one last",
         .world = {.protocol = kIpProtocolUdp},
         .shape = Shape::kFragmentsBack},
        {.name = "ipv4 ipip, 64 K flows, ICMP errors about them", .shape = Shape::kIcmpErrors},
        {.name = "ipv4 ipip, 64 K flows, UDP", .world = {.protocol = kIpProtocolUdp}},
        {.name = "ipv4 ipip, 64 K flows, UDP, 30 % fragments mixed in",
         .world = {.protocol = kIpProtocolUdp},
         .mixed = Shape::kFragments,
         .mixed_percent = 30},
        {.name = "ipv4 ipip, 64 K flows, 30 % ICMP errors mixed in",
         .mixed = Shape::kIcmpErrors,
         .mixed_percent = 30},
        {.name = "ipv4 gue, 64 K flows", .world = {.forward = abi::Forward::kGue}},
        {.name = "ipv4 l2, 64 K flows", .world = {.forward = abi::Forward::kL2}},
        {.name = "ipv6 ipip, 1 flow", .world = {.v4 = false}, .flows = 1},
        {.name = "ipv6 ipip, 1 M flows", .world = {.v4 = false}, .flows = kMillion},
        {.name = "ipv6 gue, 64 K flows", .world = {.v4 = false, .forward = abi::Forward::kGue}},
    };
}

struct Axis {
    std::uint32_t WorldSpec::*number;
    const char* word;  // in the singular
};

constexpr Axis kServices{&WorldSpec::services, "service"};
constexpr Axis kPools{&WorldSpec::pools, "pool"};
constexpr Axis kBackends{&WorldSpec::backends, "backend"};

// Variants of the case that differ in one number, which is in their names.
void add_curve(std::vector<Case>& cases, const Case& base, const Axis& axis,
               std::initializer_list<std::uint32_t> numbers) {
    for (const std::uint32_t number : numbers) {
        Case& one = cases.emplace_back(base);
        one.name += ", " + std::to_string(number) + " " + axis.word + (number == 1 ? "" : "s");
        one.world.*axis.number = number;
    }
}

// The frames of a packet of that shape.
std::vector<Template> templates_of(const Case& one, Shape shape) {
    namespace sample = packet::sample;
    sample::Spec spec = one.world.v4 ? sample::Spec() : sample::spec6();
    spec.protocol = one.world.protocol;
    spec.destination_port = kFirstServicePort;
    spec.tcp_flags = one.tcp_flags;
    // Over IPv4 the shortest frames of Ethernet, 60 bytes.
    spec.payload = one.world.protocol == packet::kIpProtocolUdp ? 18 : 6;
    std::vector<Template> frames;
    switch (shape) {
        case Shape::kWhole:
            frames = {whole_packet(spec, one.world.v4)};
            break;
        case Shape::kFragments:
        case Shape::kFragmentsBack:
            spec.payload = 2 * 24;
            frames = fragments(spec, sizeof(packet::UdpHeader) + 24);
            if (shape == Shape::kFragmentsBack)
                std::swap(frames[0], frames[1]);
            break;
        case Shape::kIcmpErrors:
            frames = {icmp_error(spec)};
            break;
    }
    return frames;
}

}  // namespace

Case usual_case() {
    return {.name = "ipv4 ipip, 64 K flows"};
}

std::vector<Case> core_cases() {
    std::vector<Case> cases = single_cases();
    add_curve(cases, usual_case(), kServices, {1, 16, 256, 4096});
    add_curve(cases, usual_case(), kBackends, {1, 10, 1000, 10000, abi::kMaxBackendsPerPool});
    add_curve(cases,
              {.name = "ipv4 ipip, 64 K flows, 64 services, 64 pools",
               .world = {.services = 64, .pools = 64}},
              kBackends, {640, abi::kMaxBackends});
    WorldSpec many{.services = 1024, .backends = 10240};
    add_curve(cases,
              {.name = "ipv4 ipip, 64 K flows, 1024 services, 10240 backends", .world = many},
              kPools, {1, 16, 256, abi::kMaxPools});
    many.ring_only = true;
    add_curve(cases, {.name = "ipv4 ipip, ring only, 1024 services, 10240 backends", .world = many},
              kPools, {1, 16, 256, abi::kMaxPools});
    return cases;
}

TrafficSpec traffic_of(const Case& one) {
    TrafficSpec traffic = whole_traffic_of(one);
    traffic.templates = templates_of(one, one.shape);
    if (one.mixed_percent != 0)
        traffic.mixed = templates_of(one, one.mixed);
    traffic.mixed_percent = one.mixed_percent;
    return traffic;
}

TrafficSpec whole_traffic_of(const Case& one) {
    return {.templates = templates_of(one, Shape::kWhole),
            .flows = one.flows,
            .order = one.order,
            .services = one.world.services,
            .new_one_in = one.new_one_in};
}

}  // namespace vipfwd::bench
