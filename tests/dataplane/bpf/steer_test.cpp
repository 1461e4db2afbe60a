// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <set>
#include <string>

#include "dataplane/abi/clock.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/time_units.h"
#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/sender_map.h"
#include "dataplane/bpf/service_map.h"
#include "tests/dataplane/bpf/steer_cases.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::test {
namespace {

// Of the cases.
constexpr MacAddress kArpSender{{2, 2, 2, 2, 2, 2}};
constexpr MacAddress kFrameSender{{2, 0, 0, 0, 0, 1}};

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
        const std::array listed{
            bpf::ListedAddress{parse_ip(kVip).value()},
            bpf::ListedAddress{parse_ip("10.0.0.101").value()},
            bpf::ListedAddress{parse_ip(kVip6).value()},
            bpf::ListedAddress{parse_ip(kLocalVip).value(), STEER_VIP_IS_LOCAL},
            bpf::ListedAddress{parse_ip(kLocalVip6).value(), STEER_VIP_IS_LOCAL}};
        ASSERT_TRUE(bpf::set_addresses(program_->map("vips"), listed));
        std::vector<bpf::ServicePorts> services;
        for (const std::string_view vip : {kLocalVip, kLocalVip6}) {
            services.push_back({parse_ip(vip).value(), 6, 80, 80});
            services.push_back({parse_ip(vip).value(), 6, 8000, 8099});
            services.push_back({parse_ip(vip).value(), 17, 53, 53});
        }
        ASSERT_TRUE(bpf::add_services(program_->map("services"), services));
    }

    // Opens an AF_XDP socket, as a dataplane does.
    void listen_on_queue_0() {
        socket_ = abi::Fd(socket(AF_XDP, SOCK_RAW, 0));
        ASSERT_TRUE(socket_) << std::strerror(errno);
        const std::uint32_t queue = 0;
        const int fd = socket_.get();
        ASSERT_EQ(bpf_map_update_elem(program_->map("xsks_map"), &queue, &fd, BPF_ANY), 0)
            << std::strerror(errno);
    }

    void set_tags(const steer_tags& tags) {
        const std::uint32_t only = 0;
        ASSERT_EQ(bpf_map_update_elem(program_->map("tags"), &only, &tags, BPF_ANY), 0)
            << std::strerror(errno);
    }

    std::vector<std::uint64_t> counters() const {
        return program_->counters("steer_stats", STEER_COUNTERS);
    }

    std::optional<XdpProgram> program_;
    abi::Fd socket_;
};

class SteeringCase : public Steering, public testing::WithParamInterface<SteerCase> {};

TEST_P(SteeringCase, Decides) {
    listen_on_queue_0();
    set_tags(GetParam().tags);
    const bool is_redirected = GetParam().counted && GetParam().counted != STEER_LOCAL;
    const std::uint32_t action = is_redirected ? XDP_REDIRECT : XDP_PASS;
    EXPECT_EQ(program_->run(GetParam().in), (XdpResult{action, GetParam().in}));
    EXPECT_EQ(counters(), only(GetParam().counted));
    const auto senders = bpf::take_senders(program_->map("senders"));
    ASSERT_TRUE(senders) << senders.error().message;
    ASSERT_EQ(senders->size(), GetParam().sender_of.empty() ? 0u : 1u);
    for (const bpf::VipSender& one : *senders) {
        EXPECT_EQ(one.vip, parse_ip(GetParam().sender_of).value());
        EXPECT_EQ(one.mac, one.vip.is_v4() ? kArpSender : kFrameSender);
        EXPECT_LT(static_cast<std::uint64_t>(monotonic_ns()) - one.at_ns, 10 * kNanosecondsPerS);
    }
    EXPECT_TRUE(bpf::take_senders(program_->map("senders"))->empty()) << "taken";
}

INSTANTIATE_TEST_SUITE_P(Steer, SteeringCase, testing::ValuesIn(steer_cases()),
                         [](const auto& one) { return one.param.sentence; });

TEST_F(Steering, PassesVipsToTheKernelWhileNoDataplaneListens) {
    EXPECT_EQ(program_->run(udp_to_vip()).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(program_->run(arp_request()).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(program_->run(udp_to_vip6()).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(program_->run(solicitation()).action, static_cast<std::uint32_t>(XDP_PASS));
    std::vector<std::uint64_t> expected(STEER_COUNTERS);
    expected[STEER_NO_SOCKET] = 4;
    EXPECT_EQ(counters(), expected);
}

TEST_F(Steering, PassesVipsToTheKernelOnceTheDataplaneIsGone) {
    listen_on_queue_0();
    socket_ = abi::Fd();
    EXPECT_EQ(program_->run(udp_to_vip()).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(counters(), only(STEER_NO_SOCKET));
}

// The kernel would answer ARP for the VIP, and reset connections of its services.
TEST_F(Steering, WithoutADataplaneItDropsServicesOfVipsThatTheKernelHas) {
    for (const Bytes& frame : local_vip_frames_for_the_dataplane())
        EXPECT_EQ(program_->run(frame).action, static_cast<std::uint32_t>(XDP_DROP));
    std::vector<std::uint64_t> expected(STEER_COUNTERS);
    expected[STEER_NO_SOCKET] = local_vip_frames_for_the_dataplane().size();
    EXPECT_EQ(counters(), expected);
}

TEST_F(Steering, WithoutADataplaneItPassesLocalServicesToTheKernelToo) {
    EXPECT_EQ(program_->run(tcp_to(kLocalVip, 9000)).action, static_cast<std::uint32_t>(XDP_PASS));
    EXPECT_EQ(counters(), only(STEER_LOCAL));
}

// A frame that ends before its ports may be for a service: the dataplane judges it.
TEST_F(Steering, RedirectsAFrameOfALocalVipThatEndsBeforeItsPort) {
    listen_on_queue_0();
    for (const auto& [vip, needed] : {std::pair{kLocalVip, 38u}, std::pair{kLocalVip6, 58u}}) {
        const Bytes frame = tcp_to(vip, 9000);
        for (std::size_t bytes = needed - 4; bytes <= needed; ++bytes) {
            const std::uint32_t action = bytes < needed ? XDP_REDIRECT : XDP_PASS;
            EXPECT_EQ(program_->run(start(frame, bytes)).action, action) << "at byte " << bytes;
        }
    }
}

TEST_F(Steering, PassesAFrameThatEndsInTheHeaderToTheKernel) {
    listen_on_queue_0();
    for (const auto& [frame, needed] : {std::pair<Bytes, std::size_t>{udp_to_vip(), 34},
                                        {arp_request(), 42},
                                        {udp_to_vip6(), 54},
                                        {solicitation(), 78},
                                        {in_vlan(0), 38}}) {
        for (std::size_t bytes = 14; bytes <= needed; ++bytes) {
            const Bytes cut = start(frame, bytes);
            const std::uint32_t action = bytes < needed ? XDP_PASS : XDP_REDIRECT;
            EXPECT_EQ(program_->run(cut).action, action) << "at byte " << bytes;
        }
    }
}

TEST_F(Steering, PassesAFrameThatEndsInATagToTheKernel) {
    listen_on_queue_0();
    set_tags({.vlan = 7, .outer_vlan = 9});
    const Bytes frame = in_vlans(9, 7);
    constexpr std::size_t kNeeded = 42;
    for (std::size_t bytes = 14; bytes <= kNeeded; ++bytes) {
        const Bytes cut = start(frame, bytes);
        const std::uint32_t action = bytes < kNeeded ? XDP_PASS : XDP_REDIRECT;
        EXPECT_EQ(program_->run(cut).action, action) << "at byte " << bytes;
    }
}

TEST(SteeringCounters, EachHasACase) {
    std::set<steer_counter> counted{STEER_NO_SOCKET};  // tested above
    for (const SteerCase& one : steer_cases()) {
        if (one.counted)
            counted.insert(*one.counted);
    }
    EXPECT_EQ(counted.size(), static_cast<std::size_t>(STEER_COUNTERS));
}

TEST_F(Steering, HoldsTheOldAndTheNewVipsOfTheLargestUpdate) {
    bpf_map_info info{};
    std::uint32_t info_bytes = sizeof info;
    ASSERT_EQ(bpf_obj_get_info_by_fd(program_->map("vips"), &info, &info_bytes), 0);
    EXPECT_GE(info.max_entries, 2 * abi::kMaxVips);
}

TEST_F(Steering, HoldsTheOldAndTheNewServicesOfTheLargestUpdate) {
    bpf_map_info info{};
    std::uint32_t info_bytes = sizeof info;
    ASSERT_EQ(bpf_obj_get_info_by_fd(program_->map("services"), &info, &info_bytes), 0);
    const std::size_t most = bpf::prefixes_of({{}, 6, 1, 65534}).size();
    EXPECT_GE(info.max_entries, 2 * abi::kMaxServices * most);
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
