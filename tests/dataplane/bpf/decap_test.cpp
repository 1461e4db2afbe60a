// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/decap_counters.h"
#include "tests/dataplane/bpf/frames.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::test {
namespace {

constexpr unsigned kIpv4 = 0x0800;
constexpr std::uint8_t kIpip = 4;
constexpr std::uint8_t kTrafficClass = 0xb8;  // DSCP "expedited forwarding", no ECN
constexpr std::uint8_t kNotEct = 0;
constexpr std::uint8_t kEct1 = 1;
constexpr std::uint8_t kEct0 = 2;
constexpr std::uint8_t kCe = 3;

// From the gateway to this backend, 10.0.0.11.
Ipv4 tunnel() {
    Ipv4 header;
    header.source = "10.0.0.1";
    header.destination = "10.0.0.11";
    header.protocol = kIpip;
    return header;
}

Ipv4 with_ecn(Ipv4 header, std::uint8_t ecn) {
    header.traffic_class = kTrafficClass | ecn;
    return header;
}

template <typename Change>
Ipv4 changed(Ipv4 header, Change change) {
    change(header);
    return header;
}

Bytes wrapped(const Ipv4& outer, const Ipv4& inner) {
    return ethernet(kIpv4, ipv4(outer, ipv4(inner, udp())));
}

struct Case {
    std::string sentence;  // as a test's name
    Bytes in;
    std::uint32_t action;
    Bytes out;
    std::optional<decap_counter> counted;  // none: no counter moves
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.sentence;
}

Case unwrapped(std::string sentence, Bytes in, const Bytes& inner) {
    return {std::move(sentence), std::move(in), XDP_PASS, ethernet(kIpv4, inner), DECAP_UNWRAPPED};
}

Case dropped(std::string sentence, const Bytes& in, decap_counter reason) {
    return {std::move(sentence), in, XDP_DROP, in, reason};
}

Case untouched(std::string sentence, const Bytes& in) {
    return {std::move(sentence), in, XDP_PASS, in, std::nullopt};
}

Bytes options(std::size_t bytes) {
    return Bytes(bytes, 1);  // "no operation"
}

std::vector<Case> unwrapped_cases() {
    const Bytes inner = ipv4({}, udp());
    const Bytes good = ethernet(kIpv4, ipv4(tunnel(), inner));
    return {
        unwrapped("TakesTheOuterHeaderOff", good, inner),
        unwrapped("TakesOuterOptionsOffToo",
                  wrapped(changed(tunnel(), [](auto& h) { h.options = options(8); }), {}), inner),
        unwrapped("TakesTheLongestOuterHeaderOff",
                  wrapped(changed(tunnel(), [](auto& h) { h.options = options(40); }), {}), inner),
        unwrapped("KeepsInnerOptions",
                  wrapped(tunnel(), changed(Ipv4{}, [](auto& h) { h.options = options(4); })),
                  ipv4(changed(Ipv4{}, [](auto& h) { h.options = options(4); }), udp())),
        unwrapped("KeepsAFragmentInside",
                  wrapped(tunnel(), changed(Ipv4{}, [](auto& h) { h.fragment = 0x2000; })),
                  ipv4(changed(Ipv4{}, [](auto& h) { h.fragment = 0x2000; }), udp())),
        unwrapped("AcceptsDontFragmentOutside",
                  wrapped(changed(tunnel(), [](auto& h) { h.fragment = 0x4000; }), {}), inner),
        unwrapped("KeepsPaddingOfTheFrame", good + Bytes(6, 0), inner + Bytes(6, 0)),
        unwrapped("LeavesAWrongInnerChecksumToTheKernel",
                  wrapped(tunnel(), changed(Ipv4{}, [](auto& h) { h.checksum_error = 1; })),
                  ipv4(changed(Ipv4{}, [](auto& h) { h.checksum_error = 1; }), udp())),
        unwrapped("UnwrapsATunnelInATunnelOnce",
                  ethernet(kIpv4, ipv4(tunnel(), ipv4(tunnel(), inner))), ipv4(tunnel(), inner)),
    };
}

std::vector<Case> untouched_cases() {
    const Bytes inner = ipv4({}, udp());
    const Bytes good = ipv4(tunnel(), inner);
    return {
        untouched("LeavesATunnelToAnotherHost",
                  wrapped(changed(tunnel(), [](auto& h) { h.destination = "10.0.0.12"; }), {})),
        untouched("LeavesWhatIsNoTunnel",
                  wrapped(changed(tunnel(), [](auto& h) { h.protocol = 17; }), {})),
        untouched("LeavesATunnelOfIpv6",
                  wrapped(changed(tunnel(), [](auto& h) { h.protocol = 41; }), {})),
        untouched("LeavesIpv6", ethernet(0x86dd, good)),
        untouched("LeavesArp", ethernet(0x0806, good)),
        untouched("LeavesATaggedFrame", ethernet(0x8100, be16(7) + be16(kIpv4) + good)),
        untouched("LeavesAFrameThatEndsInTheOuterHeader",
                  ethernet(kIpv4, Bytes(good.begin(), good.begin() + 19))),
        untouched("LeavesABareEthernetHeader", ethernet(kIpv4, {})),
    };
}

std::vector<Case> dropped_cases() {
    const Bytes inner = ipv4({}, udp());
    const auto outer = [&](auto change) { return wrapped(changed(tunnel(), change), {}); };
    const auto inside = [&](auto change) { return wrapped(tunnel(), changed(Ipv4{}, change)); };
    const auto bytes_inside = [](std::size_t count) {
        const Bytes whole = ipv4({}, udp());
        const auto end = whole.begin() + static_cast<std::ptrdiff_t>(count);
        return ethernet(kIpv4, ipv4(tunnel(), Bytes(whole.begin(), end)));
    };
    return {
        dropped("DropsOuterVersion5", outer([](auto& h) { h.version = 5; }), DECAP_OUTER_VERSION),
        dropped("DropsOuterHeaderOf4Words", outer([](auto& h) { h.header_words = 4; }),
                DECAP_OUTER_HEADER_LENGTH),
        dropped("DropsOuterHeaderBeyondTheFrame",
                ethernet(kIpv4, ipv4(changed(tunnel(), [](auto& h) { h.header_words = 15; }), {})),
                DECAP_OUTER_HEADER_LENGTH),
        dropped("DropsOuterLengthBelowItsHeader", outer([](auto& h) { h.total_length = 19; }),
                DECAP_OUTER_TOTAL_LENGTH),
        dropped("DropsOuterLengthBeyondTheFrame", outer([](auto& h) { h.total_length = 61; }),
                DECAP_OUTER_TOTAL_LENGTH),
        dropped("DropsAWrongOuterChecksum", outer([](auto& h) { h.checksum_error = 1; }),
                DECAP_OUTER_CHECKSUM),
        dropped(
            "DropsAWrongOuterChecksumInOptions",
            [&] {
                Bytes frame = outer([](auto& h) { h.options = options(40); });
                frame[14 + 59] ^= 1;
                return frame;
            }(),
            DECAP_OUTER_CHECKSUM),
        dropped("DropsTheFirstOuterFragment", outer([](auto& h) { h.fragment = 0x2000; }),
                DECAP_OUTER_FRAGMENT),
        dropped("DropsALaterOuterFragment", outer([](auto& h) { h.fragment = 3; }),
                DECAP_OUTER_FRAGMENT),
        dropped("DropsAnEmptyTunnel", bytes_inside(0), DECAP_INNER_TRUNCATED),
        dropped("DropsInnerHeaderCutShort", bytes_inside(19), DECAP_INNER_TRUNCATED),
        dropped("DropsInnerHeaderCutShortThoughTheFrameIsPadded",
                bytes_inside(19) + Bytes(30, 0x45), DECAP_INNER_TRUNCATED),
        dropped("DropsInnerVersion6", inside([](auto& h) { h.version = 6; }), DECAP_INNER_VERSION),
        dropped("DropsInnerHeaderOf4Words", inside([](auto& h) { h.header_words = 4; }),
                DECAP_INNER_HEADER_LENGTH),
        dropped("DropsInnerLengthBelowItsHeader", inside([](auto& h) { h.total_length = 19; }),
                DECAP_INNER_TOTAL_LENGTH),
        dropped("DropsInnerLengthBeyondTheTunnel", bytes_inside(39), DECAP_INNER_TOTAL_LENGTH),
        dropped("DropsInnerLengthBeyondTheTunnelThoughTheFrameIsPadded",
                bytes_inside(39) + Bytes(30, 0), DECAP_INNER_TOTAL_LENGTH),
    };
}

// RFC 6040 §4.2, the table of outgoing ECN fields: by inner, then outer.
std::vector<Case> ecn_cases() {
    constexpr int kDrop = -1;
    constexpr std::array<std::uint8_t, 4> order{kNotEct, kEct0, kEct1, kCe};
    constexpr std::array<std::array<int, 4>, 4> outgoing{{
        {kNotEct, kNotEct, kNotEct, kDrop},
        {kEct0, kEct0, kEct1, kCe},
        {kEct1, kEct1, kEct1, kCe},
        {kCe, kCe, kCe, kCe},
    }};
    constexpr std::array<const char*, 4> names{"NotEct", "Ect0", "Ect1", "Ce"};
    std::vector<Case> cases;
    for (std::size_t inner = 0; inner < 4; ++inner) {
        for (std::size_t outer = 0; outer < 4; ++outer) {
            const std::string sentence =
                std::string("Merges") + names[outer] + "Outside" + names[inner] + "Inside";
            const Bytes in = wrapped(with_ecn(tunnel(), order[outer]), with_ecn({}, order[inner]));
            const int ecn = outgoing[inner][outer];
            if (ecn == kDrop) {
                cases.push_back(dropped(sentence, in, DECAP_ECN));
                continue;
            }
            const Ipv4 out = with_ecn({}, static_cast<std::uint8_t>(ecn));
            cases.push_back(unwrapped(sentence, in, ipv4(out, udp())));
        }
    }
    return cases;
}

std::vector<Case> all_cases() {
    std::vector<Case> cases = unwrapped_cases();
    for (const auto& more : {untouched_cases(), dropped_cases(), ecn_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

std::vector<std::uint64_t> only(std::optional<decap_counter> counter) {
    std::vector<std::uint64_t> counters(DECAP_COUNTERS);
    if (counter)
        counters[*counter] = 1;
    return counters;
}

XdpProgram load_for_backend() {
    XdpProgram program("decap.bpf.o", "vipfwd_decap");
    const std::array local{parse_ip("10.0.0.11").value(), parse_ip("10.9.9.9").value()};
    if (program.loaded()) {
        EXPECT_TRUE(bpf::set_addresses(program.map("local"), local));
    }
    return program;
}

class Decapsulator : public testing::TestWithParam<Case> {};

TEST_P(Decapsulator, Decides) {
    VIPFWD_REQUIRE_ROOT();
    const XdpProgram program = load_for_backend();
    ASSERT_TRUE(program.loaded());
    EXPECT_EQ(program.run(GetParam().in), (XdpResult{GetParam().action, GetParam().out}));
    EXPECT_EQ(program.counters("decap_stats", DECAP_COUNTERS), only(GetParam().counted));
}

INSTANTIATE_TEST_SUITE_P(Decap, Decapsulator, testing::ValuesIn(all_cases()),
                         [](const auto& one) { return one.param.sentence; });

TEST(DecapsulatorCounters, EachHasACase) {
    std::set<decap_counter> counted;
    for (const Case& one : all_cases()) {
        if (one.counted)
            counted.insert(*one.counted);
    }
    EXPECT_EQ(counted.size(), static_cast<std::size_t>(DECAP_COUNTERS));
}

TEST(DecapsulatorCut, DropsOrLeavesAGoodPacketCutAtAnyByte) {
    VIPFWD_REQUIRE_ROOT();
    const XdpProgram program = load_for_backend();
    ASSERT_TRUE(program.loaded());
    constexpr std::size_t kOuterHeaderEnd = 14 + 20;
    const Bytes good = wrapped(tunnel(), {});
    for (std::size_t bytes = 14; bytes < good.size(); ++bytes) {
        const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(bytes));
        const std::uint32_t action = bytes < kOuterHeaderEnd ? XDP_PASS : XDP_DROP;
        EXPECT_EQ(program.run(cut), (XdpResult{action, cut})) << "at byte " << bytes;
    }
    EXPECT_EQ(program.counters("decap_stats", DECAP_COUNTERS)[DECAP_OUTER_TOTAL_LENGTH],
              good.size() - kOuterHeaderEnd);
}

// The checksum is amended, not made anew: try it where the sum carries.
TEST(DecapsulatorEcn, KeepsTheInnerChecksumRightWhateverTheHeader) {
    VIPFWD_REQUIRE_ROOT();
    const XdpProgram program = load_for_backend();
    ASSERT_TRUE(program.loaded());
    for (unsigned identification = 0; identification <= 0xffff; identification += 0x11) {
        const Ipv4 inner = changed(with_ecn({}, kEct0), [&](auto& h) {
            h.options = be16(identification) + be16(0xffff - identification / 2);
        });
        const Bytes out = ipv4(with_ecn(inner, kCe), udp());
        ASSERT_EQ(program.run(wrapped(with_ecn(tunnel(), kCe), inner)),
                  (XdpResult{XDP_PASS, ethernet(kIpv4, out)}));
    }
}

}  // namespace
}  // namespace vipfwd::test
