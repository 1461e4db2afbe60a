// SPDX-License-Identifier: Apache-2.0
#include "tests/dataplane/bpf/decap_cases.h"

#include <linux/bpf.h>

#include <utility>

namespace vipfwd::test {

DecapCase unwrapped(std::string sentence, Bytes in, const Bytes& inner) {
    const unsigned ethertype = inner.at(0) >> 4 == 4 ? kIpv4 : kIpv6;
    return {std::move(sentence), std::move(in), XDP_PASS, ethernet(ethertype, inner),
            DECAP_UNWRAPPED};
}

DecapCase dropped(std::string sentence, const Bytes& in, decap_counter reason) {
    return {std::move(sentence), in, XDP_DROP, in, reason};
}

DecapCase untouched(std::string sentence, const Bytes& in) {
    return {std::move(sentence), in, XDP_PASS, in, std::nullopt};
}

Ipv4 tunnel(std::uint8_t protocol) {
    return {.source = "10.0.0.1", .destination = kBackend, .protocol = protocol};
}

Ipv6 tunnel6(std::uint8_t next_header) {
    return {.source = "fd00::1", .destination = kBackend6, .next_header = next_header};
}

Bytes over4(const Ipv4& outer, const Bytes& payload) {
    return ethernet(kIpv4, ipv4(outer, payload));
}

Bytes over6(const Ipv6& outer, const Bytes& payload) {
    return ethernet(kIpv6, ipv6(outer, payload));
}

// draft-ietf-intarea-gue-09 §3.1.
Bytes gue(const Gue& header, const Bytes& payload) {
    const unsigned words = header.words.value_or(static_cast<unsigned>(header.options.size() / 4));
    const unsigned first = header.variant << 6 | header.control << 5 | words;
    return Bytes{static_cast<std::uint8_t>(first), header.protocol} + be16(header.flags) +
           header.options + payload;
}

std::string name(const Shape& shape) {
    return "Ipv" + std::to_string(shape.inner) + (shape.is_gue ? "InGueOverIpv" : "InIpv") +
           std::to_string(shape.outer);
}

Bytes wrap(const Shape& shape, const Bytes& inner, std::uint8_t traffic_class) {
    std::uint8_t protocol = shape.inner == 4 ? kIpip : kIpv6InIp;
    Bytes payload = inner;
    if (shape.is_gue) {
        payload = udp({.destination = kGuePort}, gue({.protocol = protocol}, inner));
        protocol = kUdp;
    }
    if (shape.outer == 4) {
        const auto outer =
            changed(tunnel(protocol), [&](auto& h) { h.traffic_class = traffic_class; });
        return over4(outer, payload);
    }
    const auto outer =
        changed(tunnel6(protocol), [&](auto& h) { h.traffic_class = traffic_class; });
    return over6(outer, payload);
}

std::size_t bytes_before_inner(const Shape& shape) {
    return wrap(shape, {}).size();
}

Bytes client_packet(unsigned family, std::uint8_t traffic_class, std::uint8_t hops) {
    if (family == 4)
        return ipv4({.traffic_class = traffic_class, .ttl = hops}, udp());
    return ipv6({.traffic_class = traffic_class, .hop_limit = hops}, udp());
}

std::vector<DecapCase> decap_cases() {
    std::vector<DecapCase> cases = outer_cases();
    for (const auto& more : {gue_cases(), inner_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

}  // namespace vipfwd::test
