// SPDX-License-Identifier: Apache-2.0
// GUE: the UDP header and the GUE header.
#include <string>

#include "tests/dataplane/bpf/decap_cases.h"

namespace vipfwd::test {
namespace {

constexpr Udp kToGue{.destination = kGuePort};

Bytes in_gue(const Gue& header, const Bytes& inner) {
    return over4(tunnel(kUdp), udp(kToGue, gue(header, inner)));
}

Bytes in_udp(const Udp& header) {
    return over4(tunnel(kUdp), udp(header, gue({}, client_packet(4))));
}

std::vector<DecapCase> unwrapped_gue_cases() {
    const Bytes inner = client_packet(4);
    const Bytes datagram = udp(kToGue, gue({}, inner));
    const Bytes surplus = {1, 2, 3};
    return {
        unwrapped("SkipsAnOptionalWord", in_gue({.options = Bytes(4, 0xee)}, inner), inner),
        unwrapped("SkipsAllOptionalWordsThatThereCanBe",
                  in_gue({.options = Bytes(31 * 4, 0x45)}, inner), inner),
        unwrapped("SkipsOptionalWordsOverIpv6",
                  over6(tunnel6(kUdp),
                        udp(kToGue, gue({.protocol = kIpv6InIp, .options = Bytes(124, 0x60)},
                                        client_packet(6)))),
                  client_packet(6)),
        unwrapped("IgnoresFlags", in_gue({.flags = 0xffff}, inner), inner),
        unwrapped("TakesOuterOptionsOffBeforeUdp",
                  over4(changed(tunnel(kUdp), [](auto& h) { h.options = Bytes(40, 1); }), datagram),
                  inner),
        unwrapped("DoesNotVerifyTheUdpChecksum",
                  in_udp({.destination = kGuePort, .checksum = 0xbad}), inner),
        unwrapped(
            "DoesNotVerifyTheUdpChecksumOverIpv6",
            over6(tunnel6(kUdp), udp({.destination = kGuePort, .checksum = 0xbad}, gue({}, inner))),
            inner),
        unwrapped("PassesWhatIsBehindTheDatagramAsPadding", over4(tunnel(kUdp), datagram + surplus),
                  inner + surplus),
    };
}

std::vector<DecapCase> untouched_gue_cases() {
    const Bytes inner = client_packet(4);
    const Bytes datagram = udp(kToGue, gue({}, inner));
    const Bytes other_port = udp({.destination = kGuePort + 1}, gue({}, inner));
    const auto outer = [&](auto change) { return over4(changed(tunnel(kUdp), change), datagram); };
    return {
        untouched("PassesAnotherUdpPort", over4(tunnel(kUdp), other_port)),
        untouched("PassesAnotherUdpPortOverIpv6", over6(tunnel6(kUdp), other_port)),
        untouched("PassesTheGuePortAsSource",
                  over4(tunnel(kUdp), be16(kGuePort) + be16(80) + be16(8) + be16(0))),
        untouched("PassesGueToAnotherHost", outer([](auto& h) { h.destination = "10.0.0.12"; })),
        untouched(
            "PassesGueToAnotherIpv6Host",
            over6(changed(tunnel6(kUdp), [](auto& h) { h.destination = "fd00::12"; }), datagram)),
        untouched("PassesALaterFragmentThatOnlyLooksLikeGue",
                  outer([](auto& h) { h.fragment = 3; })),
        untouched("PassesUdpBehindTooShortAHeader", outer([](auto& h) { h.header_words = 4; })),
        untouched("PassesGueBehindAnExtensionHeader",
                  over6(tunnel6(60), Bytes{kUdp, 0, 1, 4, 0, 0, 0, 0} + datagram)),
        untouched("PassesAFrameThatEndsInTheUdpHeader", over4(tunnel(kUdp), start(datagram, 7))),
    };
}

std::vector<DecapCase> dropped_gue_cases() {
    const Bytes inner = client_packet(4);
    const Bytes datagram = udp(kToGue, gue({}, inner));
    const auto outer = [&](auto change) { return over4(changed(tunnel(kUdp), change), datagram); };
    const auto length = [](unsigned bytes) {
        return in_udp({.destination = kGuePort, .length = bytes});
    };
    const auto payload = [](const Bytes& bytes) { return over4(tunnel(kUdp), udp(kToGue, bytes)); };
    const auto whole = static_cast<unsigned>(datagram.size());
    return {
        dropped("DropsTheFirstFragmentOfGue", outer([](auto& h) { h.fragment = 0x2000; }),
                DECAP_OUTER_FRAGMENT),
        dropped("DropsAWrongOuterChecksumOfGue", outer([](auto& h) { h.checksum_error = 1; }),
                DECAP_OUTER_CHECKSUM),
        dropped("DropsOuterVersion6OfGue", outer([](auto& h) { h.version = 6; }),
                DECAP_OUTER_VERSION),
        dropped("DropsUdpBeyondTheOuterLength", outer([](auto& h) { h.total_length = 27; }),
                DECAP_UDP_LENGTH),
        dropped("DropsUdpBeyondTheOuterIpv6Length",
                over6(changed(tunnel6(kUdp), [](auto& h) { h.payload_length = 7; }), datagram),
                DECAP_UDP_LENGTH),
        dropped("DropsUdpLengthBelowItsHeader", length(7), DECAP_UDP_LENGTH),
        dropped("DropsUdpLength0", length(0), DECAP_UDP_LENGTH),
        dropped("DropsUdpLengthBeyondThePacket", length(whole + 1), DECAP_UDP_LENGTH),
        dropped("DropsUdpLengthBeyondThePacketThoughTheFrameIsPadded",
                length(whole + 1) + Bytes(30, 0), DECAP_UDP_LENGTH),
        dropped("DropsUdpWithoutGue", payload({}), DECAP_GUE_HEADER_LENGTH),
        dropped("DropsATruncatedGueHeader", payload({0, kIpip, 0}), DECAP_GUE_HEADER_LENGTH),
        dropped("DropsATruncatedGueHeaderThoughTheFrameIsPadded",
                payload({0, kIpip, 0}) + Bytes(30, 0), DECAP_GUE_HEADER_LENGTH),
        dropped("DropsOptionalWordsBeyondTheDatagram", in_gue({.words = 11}, inner),
                DECAP_GUE_HEADER_LENGTH),
        dropped("DropsOptionalWordsBeyondTheDatagramThoughTheFrameIsPadded",
                in_gue({.words = 31}, inner) + Bytes(128, 0), DECAP_GUE_HEADER_LENGTH),
        dropped("DropsVariant1OfGueWhichIsABarePacket", payload(inner), DECAP_GUE_VARIANT),
        dropped("DropsVariant1OfGueWithIpv6", payload(client_packet(6)), DECAP_GUE_VARIANT),
        dropped("DropsVariant2OfGue", in_gue({.variant = 2}, inner), DECAP_GUE_VARIANT),
        dropped("DropsVariant3OfGue", in_gue({.variant = 3}, inner), DECAP_GUE_VARIANT),
        dropped("DropsAControlMessage", in_gue({.control = 1}, inner), DECAP_GUE_CONTROL),
        dropped("DropsGueWithoutAProtocol", in_gue({.protocol = 0}, inner), DECAP_GUE_PROTOCOL),
        dropped("DropsNoNextHeaderInGue", in_gue({.protocol = 59}, inner), DECAP_GUE_PROTOCOL),
        dropped("DropsUdpInGue", in_gue({.protocol = kUdp}, inner), DECAP_GUE_PROTOCOL),
        dropped("DropsGueInGue", in_gue({.protocol = kUdp}, datagram), DECAP_GUE_PROTOCOL),
    };
}

DecapCase foreign_source() {
    DecapCase made =
        dropped("DropsGueFromAnotherSource", in_gue({}, client_packet(4)), DECAP_OUTER_SOURCE);
    made.allowed = {{"10.0.0.2", 32}};
    return made;
}

}  // namespace

std::vector<DecapCase> gue_cases() {
    std::vector<DecapCase> cases = unwrapped_gue_cases();
    for (const auto& more : {untouched_gue_cases(), dropped_gue_cases(), {foreign_source()}})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

}  // namespace vipfwd::test
