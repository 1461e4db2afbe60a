// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/limits.h"
#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/steer_counters.h"
#include "tests/dataplane/bpf/frames.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::test {
namespace {

constexpr unsigned kIpv4 = 0x0800;
constexpr unsigned kArp = 0x0806;
constexpr std::string_view kVip = "10.0.0.100";
constexpr std::string_view kOther = "10.0.0.1";
constexpr unsigned kRequest = 1;
constexpr unsigned kReply = 2;

struct Arp {
    unsigned operation = kRequest;
    std::string_view sender = "10.0.0.50";
    std::string_view target = kVip;
    unsigned hardware_type = 1;
    unsigned protocol_type = kIpv4;
    std::uint8_t hardware_bytes = 6;
    std::uint8_t protocol_bytes = 4;
};

Bytes arp(const Arp& packet) {
    const Bytes mac(6, 2);
    return ethernet(kArp, be16(packet.hardware_type) + be16(packet.protocol_type) +
                              Bytes{packet.hardware_bytes, packet.protocol_bytes} +
                              be16(packet.operation) + mac + address_bytes(packet.sender) + mac +
                              address_bytes(packet.target));
}

Bytes to(std::string_view destination, std::uint8_t protocol = 17, unsigned fragment = 0) {
    Ipv4 header;
    header.destination = destination;
    header.protocol = protocol;
    header.fragment = fragment;
    return ethernet(kIpv4, ipv4(header, udp()));
}

struct Case {
    std::string sentence;  // as a test's name
    Bytes in;
    std::optional<steer_counter> counted;  // none: left to the kernel
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.sentence;
}

std::vector<Case> all_cases() {
    const Bytes tagged = be16(7) + be16(kIpv4) + ipv4({}, udp());
    Bytes foreign_version = to(kVip);
    foreign_version[14] = 0x55;
    return {
        {"HandsOverUdpToAVip", to(kVip), STEER_IPV4},
        {"HandsOverTcpToAVip", to(kVip, 6), STEER_IPV4},
        {"HandsOverIcmpToAVip", to(kVip, 1), STEER_IPV4},
        {"HandsOverAnyProtocolToAVip", to(kVip, 132), STEER_IPV4},
        {"HandsOverAFragmentToAVip", to(kVip, 17, 185), STEER_IPV4},
        {"HandsOverAMalformedHeaderToBeCounted", foreign_version, STEER_IPV4},
        {"HandsOverAnArpRequestForAVip", arp({}), STEER_ARP},
        {"HandsOverAnArpReplyToAVip", arp({.operation = kReply}), STEER_ARP},
        {"HandsOverAnAnnouncementOfAVip", arp({.sender = kVip}), STEER_ARP},
        {"LeavesIpv4ToAnotherAddress", to(kOther), std::nullopt},
        {"LeavesIpv4FromAVip",
         [] {
             Ipv4 header;
             header.source = kVip;
             header.destination = kOther;
             return ethernet(kIpv4, ipv4(header, udp()));
         }(),
         std::nullopt},
        {"LeavesArpForAnotherAddress", arp({.target = kOther}), std::nullopt},
        {"LeavesArpOfAVipForAnotherAddress", arp({.sender = kVip, .target = kOther}), std::nullopt},
        {"LeavesArpOfAnotherHardware", arp({.hardware_type = 6}), std::nullopt},
        {"LeavesArpOfAnotherProtocol", arp({.protocol_type = 0x86dd}), std::nullopt},
        {"LeavesArpOfLongHardwareAddresses", arp({.hardware_bytes = 8}), std::nullopt},
        {"LeavesArpOfLongProtocolAddresses", arp({.protocol_bytes = 16}), std::nullopt},
        {"LeavesATaggedFrame", ethernet(0x8100, tagged), std::nullopt},
        {"LeavesIpv6", ethernet(0x86dd, ipv4({}, udp())), std::nullopt},
        {"LeavesABareEthernetHeader", ethernet(kIpv4, {}), std::nullopt},
    };
}

std::vector<std::uint64_t> only(std::optional<steer_counter> counter) {
    std::vector<std::uint64_t> counters(STEER_COUNTERS);
    if (counter)
        counters[*counter] = 1;
    return counters;
}

class Steering : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        program_.emplace("steer.bpf.o", "vipfwd_steer");
        ASSERT_TRUE(program_->loaded());
        const std::array vips{parse_ip(kVip).value(), parse_ip("10.0.0.101").value()};
        ASSERT_TRUE(bpf::set_addresses(program_->map("vips"), vips));
    }

    // As a dataplane does.
    void listen_on_queue_0() {
        socket_ = abi::Fd(socket(AF_XDP, SOCK_RAW, 0));
        ASSERT_TRUE(socket_) << std::strerror(errno);
        const std::uint32_t queue = 0;
        const int fd = socket_.get();
        ASSERT_EQ(bpf_map_update_elem(program_->map("xsks_map"), &queue, &fd, BPF_ANY), 0)
            << std::strerror(errno);
    }

    std::vector<std::uint64_t> counters() const {
        return program_->counters("steer_stats", STEER_COUNTERS);
    }

    std::optional<XdpProgram> program_;
    abi::Fd socket_;
};

class SteeringCase : public Steering, public testing::WithParamInterface<Case> {};

TEST_P(SteeringCase, Decides) {
    listen_on_queue_0();
    const std::uint32_t action = GetParam().counted ? XDP_REDIRECT : XDP_PASS;
    EXPECT_EQ(program_->run(GetParam().in), (XdpResult{action, GetParam().in}));
    EXPECT_EQ(counters(), only(GetParam().counted));
}

INSTANTIATE_TEST_SUITE_P(Steer, SteeringCase, testing::ValuesIn(all_cases()),
                         [](const auto& one) { return one.param.sentence; });

TEST_F(Steering, LeavesVipsToTheKernelWhileNoDataplaneListens) {
    EXPECT_EQ(program_->run(to(kVip)).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(program_->run(arp({})).action, static_cast<std::uint32_t>(XDP_PASS));
    std::vector<std::uint64_t> expected(STEER_COUNTERS);
    expected[STEER_NO_SOCKET] = 2;
    EXPECT_EQ(counters(), expected);
}

TEST_F(Steering, LeavesVipsToTheKernelOnceTheDataplaneIsGone) {
    listen_on_queue_0();
    socket_ = abi::Fd();
    EXPECT_EQ(program_->run(to(kVip)).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(counters(), only(STEER_NO_SOCKET));
}

TEST_F(Steering, LeavesAFrameCutInTheHeaderToTheKernel) {
    listen_on_queue_0();
    for (const auto& [frame, needed] :
         {std::pair<Bytes, std::size_t>{to(kVip), 34}, {arp({}), 42}}) {
        for (std::size_t bytes = 14; bytes <= needed; ++bytes) {
            const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(bytes));
            const std::uint32_t action = bytes < needed ? XDP_PASS : XDP_REDIRECT;
            EXPECT_EQ(program_->run(cut).action, action) << "at byte " << bytes;
        }
    }
}

TEST_F(Steering, HoldsTheOldAndTheNewVipsOfTheLargestUpdate) {
    bpf_map_info info{};
    std::uint32_t info_bytes = sizeof info;
    ASSERT_EQ(bpf_obj_get_info_by_fd(program_->map("vips"), &info, &info_bytes), 0);
    EXPECT_GE(info.max_entries, 2 * abi::kMaxVips);
}

TEST_F(Steering, HasTheSocketMapThatTheDriverLooksFor) {
    bpf_map_info info{};
    std::uint32_t info_bytes = sizeof info;
    ASSERT_EQ(bpf_obj_get_info_by_fd(program_->map("xsks_map"), &info, &info_bytes), 0);
    EXPECT_EQ(info.type, static_cast<std::uint32_t>(BPF_MAP_TYPE_XSKMAP));
    EXPECT_GE(info.max_entries, abi::kMaxQueuesPerPort);
}

}  // namespace
}  // namespace vipfwd::test
