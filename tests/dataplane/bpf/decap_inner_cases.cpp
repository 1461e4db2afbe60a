// SPDX-License-Identifier: Apache-2.0
// The inner packet: every family in every tunnel.
#include <array>
#include <string>

#include "tests/dataplane/bpf/decap_cases.h"

namespace vipfwd::test {
namespace {

constexpr std::uint8_t kTrafficClass = 0xb8;  // DSCP "expedited forwarding", no ECN

// An empty address is that of a client, or a VIP.
Bytes between(unsigned family, std::string_view source, std::string_view destination,
              std::uint8_t protocol, const Bytes& payload) {
    const auto address = [&](auto& header) {
        header.source = source.empty() ? header.source : source;
        header.destination = destination.empty() ? header.destination : destination;
    };
    if (family == 4)
        return ipv4(changed(Ipv4{.protocol = protocol}, address), payload);
    return ipv6(changed(Ipv6{.next_header = protocol}, address), payload);
}

std::vector<DecapCase> cases_of(const Shape& shape) {
    const std::string of = "Of" + name(shape);
    const Bytes inner = client_packet(shape.inner);
    const std::size_t header_bytes = shape.inner == 4 ? 20 : 40;
    const auto cut = [&](std::size_t count) { return wrap(shape, start(inner, count)); };
    const Bytes padding(60, shape.inner == 4 ? 0x45 : 0x60);
    const Bytes inside = wrap({shape.inner, shape.is_gue, 4}, client_packet(4));
    const Bytes tunnel_to_host(inside.begin() + 14, inside.end());
    const Bytes tunnel_to_vip = between(shape.inner, {}, {}, kIpip, client_packet(4));
    const auto from_to = [&](std::string_view source, std::string_view destination) {
        return wrap(shape, between(shape.inner, source, destination, kUdp, udp()));
    };
    const bool is_v4 = shape.inner == 4;
    const std::string_view host = is_v4 ? kBackend : kBackend6;
    const std::string_view vip = is_v4 ? kVip : kVip6;
    const Bytes expiring = client_packet(shape.inner, 0, 1);
    return {
        unwrapped("TakesTheOuterHeadersOff" + of, wrap(shape, inner), inner),
        unwrapped("UnwrapsATunnelInATunnelOnce" + of, wrap(shape, tunnel_to_vip), tunnel_to_vip),
        dropped("DropsATunnelInATunnelToTheHost" + of, wrap(shape, tunnel_to_host),
                DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsForTheHost" + of, from_to({}, host), DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsForAnotherHost" + of, from_to({}, is_v4 ? "10.0.0.12" : "fd00::12"),
                DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsForLoopback" + of, from_to({}, is_v4 ? "127.0.0.1" : "::1"),
                DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsForAGroup" + of, from_to({}, is_v4 ? "224.0.0.1" : "ff02::1"),
                DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsFromTheHost" + of, from_to(host, {}), DECAP_INNER_SOURCE),
        dropped("DropsWhatIsFromAVip" + of, from_to(vip, {}), DECAP_INNER_SOURCE),
        unwrapped("PassesTheLastHop" + of, wrap(shape, expiring), expiring),
        dropped("DropsAnExpiredPacket" + of, wrap(shape, client_packet(shape.inner, 0, 0)),
                DECAP_INNER_EXPIRED),
        dropped("DropsAnEmptyTunnel" + of, cut(0), DECAP_INNER_TRUNCATED),
        dropped("DropsATruncatedHeader" + of, cut(header_bytes - 1), DECAP_INNER_TRUNCATED),
        dropped("DropsATruncatedHeaderThoughTheFrameIsPadded" + of, cut(header_bytes - 1) + padding,
                DECAP_INNER_TRUNCATED),
        dropped("DropsTheOtherFamily" + of,
                wrap(shape, client_packet(shape.inner == 4 ? 6 : 4) + Bytes(20, 0)),
                DECAP_INNER_VERSION),
        dropped("DropsALengthBeyondTheTunnel" + of, cut(inner.size() - 1),
                DECAP_INNER_TOTAL_LENGTH),
        dropped("DropsALengthBeyondTheTunnelThoughTheFrameIsPadded" + of,
                cut(inner.size() - 1) + padding, DECAP_INNER_TOTAL_LENGTH),
    };
}

// IPv4 addresses in an IPv6 header are those of another host than the IPv4 one.
std::vector<DecapCase> mapped_inner_cases() {
    const Shape shape{4, false, 6};
    return {
        dropped("DropsWhatIsForAMappedVip",
                wrap(shape, between(6, {}, "::ffff:10.0.0.100", kUdp, udp())),
                DECAP_INNER_DESTINATION),
        dropped("DropsWhatIsFromAMappedAddress",
                wrap(shape, between(6, "::ffff:192.0.2.1", {}, kUdp, udp())), DECAP_INNER_SOURCE),
    };
}

std::vector<DecapCase> ipv4_inner_cases() {
    const auto inside = [](auto change) { return ipv4(changed(Ipv4{}, change), udp()); };
    const auto kept = [&](std::string sentence, auto change) {
        return unwrapped(std::move(sentence), over4(tunnel(), inside(change)), inside(change));
    };
    return {
        kept("KeepsInnerOptions", [](auto& h) { h.options = Bytes(4, 1); }),
        kept("KeepsAnInnerFragment", [](auto& h) { h.fragment = 0x2000; }),
        kept("PassesAWrongInnerChecksumToTheKernel", [](auto& h) { h.checksum_error = 1; }),
        dropped("DropsInnerHeaderOf4Words",
                over4(tunnel(), inside([](auto& h) { h.header_words = 4; })),
                DECAP_INNER_HEADER_LENGTH),
        dropped("DropsInnerLengthBelowItsHeader",
                over4(tunnel(), inside([](auto& h) { h.total_length = 19; })),
                DECAP_INNER_TOTAL_LENGTH),
    };
}

// RFC 6040 §4.2, the table of outgoing ECN fields: by inner, then outer.
std::vector<DecapCase> ecn_cases_of(const Shape& shape) {
    constexpr int kDrop = -1;
    constexpr std::array<std::uint8_t, 4> order{kNotEct, kEct0, kEct1, kCe};
    constexpr std::array<std::array<int, 4>, 4> outgoing{{
        {kNotEct, kNotEct, kNotEct, kDrop},
        {kEct0, kEct0, kEct1, kCe},
        {kEct1, kEct1, kEct1, kCe},
        {kCe, kCe, kCe, kCe},
    }};
    constexpr std::array<const char*, 4> names{"NotEct", "Ect0", "Ect1", "Ce"};
    std::vector<DecapCase> cases;
    for (std::size_t inner = 0; inner < 4; ++inner) {
        for (std::size_t outer = 0; outer < 4; ++outer) {
            const std::string sentence = std::string("Merges") + names[outer] + "Outside" +
                                         names[inner] + "InsideOf" + name(shape);
            const auto packet = [&](int ecn) {
                return client_packet(shape.inner, static_cast<std::uint8_t>(kTrafficClass | ecn));
            };
            const Bytes in = wrap(shape, packet(order[inner]), order[outer]);
            const int ecn = outgoing[inner][outer];
            cases.push_back(ecn == kDrop ? dropped(sentence, in, DECAP_ECN)
                                         : unwrapped(sentence, in, packet(ecn)));
        }
    }
    return cases;
}

}  // namespace

std::vector<DecapCase> inner_cases() {
    std::vector<DecapCase> cases = ipv4_inner_cases();
    for (const DecapCase& one : mapped_inner_cases())
        cases.push_back(one);
    for (const Shape& shape : kShapes) {
        for (const auto& more : {cases_of(shape), ecn_cases_of(shape)})
            cases.insert(cases.end(), more.begin(), more.end());
    }
    return cases;
}

}  // namespace vipfwd::test
