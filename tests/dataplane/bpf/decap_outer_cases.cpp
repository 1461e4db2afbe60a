// SPDX-License-Identifier: Apache-2.0
// The outer IP header: which packets are our tunnels, and which of these are valid.
#include <string>

#include "tests/dataplane/bpf/decap_cases.h"

namespace vipfwd::test {
namespace {

Bytes options(std::size_t bytes) {
    return Bytes(bytes, 1);  // "no operation"
}

std::vector<DecapCase> unwrapped_outer_cases() {
    const Bytes inner = client_packet(4);
    const Bytes good = over4(tunnel(), inner);
    const auto with_options = [&](std::size_t bytes) {
        return over4(changed(tunnel(), [&](auto& h) { h.options = options(bytes); }), inner);
    };
    return {
        unwrapped("TakesOuterOptionsOffToo", with_options(8), inner),
        unwrapped("TakesTheLongestOuterHeaderOff", with_options(40), inner),
        unwrapped("AcceptsAnOuterDontFragment",
                  over4(changed(tunnel(), [](auto& h) { h.fragment = 0x4000; }), inner), inner),
        unwrapped("KeepsPaddingOfTheFrame", good + Bytes(6, 0), inner + Bytes(6, 0)),
        unwrapped("KeepsPaddingOfAnIpv6Frame", over6(tunnel6(), inner) + Bytes(6, 0),
                  inner + Bytes(6, 0)),
        unwrapped("IgnoresTheOuterTimeToLive",
                  over4(changed(tunnel(), [](auto& h) { h.ttl = 0; }), inner), inner),
    };
}

// RFC 8200 §4: "destination options" of 8 bytes, then `next`.
Bytes destination_options(std::uint8_t next) {
    return Bytes{next, 0, 1, 4, 0, 0, 0, 0};
}

std::vector<DecapCase> untouched_outer_cases() {
    const Bytes inner = client_packet(4);
    const Bytes good = ipv4(tunnel(), inner);
    const Bytes good6 = ipv6(tunnel6(), inner);
    Ipv4 bad_and_foreign = tunnel();
    bad_and_foreign.destination = "10.0.0.12";
    bad_and_foreign.checksum_error = 1;
    return {
        untouched("PassesATunnelToAnotherHost",
                  over4(changed(tunnel(), [](auto& h) { h.destination = "10.0.0.12"; }), inner)),
        untouched("PassesAnIpv6TunnelToAnotherHost",
                  over6(changed(tunnel6(), [](auto& h) { h.destination = "fd00::12"; }), inner)),
        untouched(
            "PassesAnIpv6TunnelToTheMappedAddressOfThisHost",
            over6(changed(tunnel6(), [](auto& h) { h.destination = "::ffff:10.0.0.11"; }), inner)),
        untouched("PassesABadTunnelToAnotherHost", over4(bad_and_foreign, inner)),
        untouched("PassesWhatIsNoTunnel", over4(tunnel(6), inner)),
        untouched("PassesWhatIsNoTunnelOverIpv6", over6(tunnel6(6), inner)),
        untouched("PassesAnOuterExtensionHeader",
                  over6(tunnel6(60), destination_options(kIpip) + inner)),
        untouched("PassesAnIpv6Fragment",
                  over6(tunnel6(44), Bytes{kIpip, 0, 0, 1, 0, 0, 0, 9} + inner)),
        untouched("PassesIpv4InAnIpv6Frame", ethernet(kIpv6, good)),
        untouched("PassesArp", ethernet(0x0806, good)),
        untouched("PassesATaggedFrame", ethernet(0x8100, tagged(7, kIpv4, good))),
        untouched("PassesAFrameThatEndsInTheOuterHeader", ethernet(kIpv4, start(good, 19))),
        untouched("PassesAFrameThatEndsInTheOuterIpv6Header", ethernet(kIpv6, start(good6, 39))),
        untouched("PassesABareEthernetHeader", ethernet(kIpv4, {})),
        untouched("PassesABareEthernetHeaderOfIpv6", ethernet(kIpv6, {})),
    };
}

std::vector<DecapCase> dropped_ipv4_cases() {
    const Bytes inner = client_packet(4);
    const auto outer = [&](auto change) { return over4(changed(tunnel(), change), inner); };
    Bytes wrong_in_options = outer([](auto& h) { h.options = options(40); });
    wrong_in_options[14 + 59] ^= 1;
    return {
        dropped("DropsOuterVersion5", outer([](auto& h) { h.version = 5; }), DECAP_OUTER_VERSION),
        dropped("DropsOuterHeaderOf4Words", outer([](auto& h) { h.header_words = 4; }),
                DECAP_OUTER_HEADER_LENGTH),
        dropped("DropsOuterHeaderBeyondTheFrame",
                over4(changed(tunnel(), [](auto& h) { h.header_words = 15; }), {}),
                DECAP_OUTER_HEADER_LENGTH),
        dropped("DropsOuterLengthBelowItsHeader", outer([](auto& h) { h.total_length = 19; }),
                DECAP_OUTER_TOTAL_LENGTH),
        dropped("DropsOuterLengthBeyondTheFrame", outer([](auto& h) { h.total_length = 61; }),
                DECAP_OUTER_TOTAL_LENGTH),
        dropped("DropsAWrongOuterChecksum", outer([](auto& h) { h.checksum_error = 1; }),
                DECAP_OUTER_CHECKSUM),
        dropped("DropsAWrongOuterChecksumInOptions", wrong_in_options, DECAP_OUTER_CHECKSUM),
        dropped("DropsTheFirstOuterFragment", outer([](auto& h) { h.fragment = 0x2000; }),
                DECAP_OUTER_FRAGMENT),
        dropped("DropsALaterOuterFragment", outer([](auto& h) { h.fragment = 3; }),
                DECAP_OUTER_FRAGMENT),
    };
}

std::vector<DecapCase> dropped_ipv6_cases() {
    const Bytes inner = client_packet(4);
    const auto outer = [&](auto change) { return over6(changed(tunnel6(), change), inner); };
    return {
        dropped("DropsOuterVersion4InAnIpv6Frame", outer([](auto& h) { h.version = 4; }),
                DECAP_OUTER_VERSION),
        dropped("DropsOuterIpv6LengthBeyondTheFrame", outer([](auto& h) { h.payload_length = 41; }),
                DECAP_OUTER_TOTAL_LENGTH),
        dropped("DropsTheLongestOuterIpv6Length", outer([](auto& h) { h.payload_length = 0xffff; }),
                DECAP_OUTER_TOTAL_LENGTH),
    };
}

// `from` is a gateway's address, of either family.
DecapCase from(std::string_view source, bool is_allowed, std::string sentence,
               std::vector<AllowedSource> allowed) {
    const Bytes inner = client_packet(4);
    const bool is_v4 = source.find(':') == std::string_view::npos;
    const Bytes in = is_v4 ? over4(changed(tunnel(), [&](auto& h) { h.source = source; }), inner)
                           : over6(changed(tunnel6(), [&](auto& h) { h.source = source; }), inner);
    DecapCase made = is_allowed ? unwrapped(std::move(sentence), in, inner)
                                : dropped(std::move(sentence), in, DECAP_OUTER_SOURCE);
    made.allowed = std::move(allowed);
    return made;
}

std::vector<DecapCase> source_cases() {
    DecapCase bad_and_foreign =
        dropped("NamesAWrongChecksumBeforeAForeignSource",
                over4(changed(tunnel(), [](auto& h) { h.checksum_error = 1; }), client_packet(4)),
                DECAP_OUTER_CHECKSUM);
    bad_and_foreign.allowed = {{"10.0.0.2", 32}};
    return {
        from("10.0.0.1", true, "AllowsASource", {{"10.0.0.2", 32}, {"10.0.0.1", 32}}),
        from("10.0.0.3", false, "DropsAnotherSource", {{"10.0.0.2", 32}, {"10.0.0.1", 32}}),
        from("10.0.0.255", true, "AllowsTheLastSourceOfAPrefix", {{"10.0.0.0", 24}}),
        from("10.0.1.0", false, "DropsTheFirstSourceBeyondAPrefix", {{"10.0.0.0", 24}}),
        from("9.255.255.255", false, "DropsTheLastSourceBeforeAPrefix", {{"10.0.0.0", 24}}),
        from("203.0.113.1", true, "AllowsAllOfIpv4", {{"0.0.0.0", 0}}),
        from("fd00::1", false, "DropsIpv6IfAllOfIpv4IsAllowed", {{"0.0.0.0", 0}}),
        from("fd00::1", true, "AllowsAnIpv6Source", {{"10.0.0.1", 32}, {"fd00::1", 128}}),
        from("fd00::2", false, "DropsAnotherIpv6Source", {{"fd00::1", 128}}),
        from("fd00::ffff:ffff:ffff:ffff", true, "AllowsTheLastSourceOfAnIpv6Prefix",
             {{"fd00::", 64}}),
        from("fd00:0:0:1::", false, "DropsTheFirstSourceBeyondAnIpv6Prefix", {{"fd00::", 64}}),
        from("2001:db8::1", true, "AllowsAllOfIpv6", {{"::", 0}}),
        from("10.0.0.1", false, "DropsIpv4IfAllOfIpv6IsAllowed", {{"::", 0}}),
        from("::ffff:10.0.0.1", false, "DropsTheMappedAddressOfAnIpv4Source", {{"10.0.0.1", 32}}),
        bad_and_foreign,
    };
}

}  // namespace

std::vector<DecapCase> outer_cases() {
    std::vector<DecapCase> cases = unwrapped_outer_cases();
    for (const auto& more :
         {untouched_outer_cases(), dropped_ipv4_cases(), dropped_ipv6_cases(), source_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

}  // namespace vipfwd::test
