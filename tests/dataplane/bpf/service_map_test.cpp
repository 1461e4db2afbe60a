// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/service_map.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "dataplane/abi/address_text.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::bpf {
namespace {

const IpAddress kVip = parse_ip("10.0.0.100").value();

ServicePorts tcp(std::uint16_t first, std::uint16_t last) {
    return {kVip, 6, first, last};
}

// True if a trie with these prefixes finds the port. At most one prefix may match it.
int holders(const std::vector<steer_service>& prefixes, std::uint32_t port) {
    return static_cast<int>(std::count_if(prefixes.begin(), prefixes.end(), [&](const auto& one) {
        const std::uint32_t free_bits = STEER_SERVICE_BITS - one.prefix_bits;
        return port >> free_bits == std::uint32_t{ntohs(one.port)} >> free_bits;
    }));
}

TEST(ServicePrefixes, CoverExactlyThePortsOfTheServices) {
    for (const auto& [first, last] : {std::pair{80, 80},
                                      {8000, 8099},
                                      {0, 65535},
                                      {1, 65535},
                                      {1, 65534},
                                      {0, 0},
                                      {65535, 65535},
                                      {1023, 1025},
                                      {32767, 32768}}) {
        const auto prefixes =
            prefixes_of(tcp(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)));
        for (std::uint32_t port = 0; port <= 65535; ++port) {
            const bool is_within =
                static_cast<int>(port) >= first && static_cast<int>(port) <= last;
            ASSERT_EQ(holders(prefixes, port), is_within ? 1 : 0)
                << port << " of " << first << "-" << last;
        }
    }
}

TEST(ServicePrefixes, AreAsFewAsPossible) {
    EXPECT_EQ(prefixes_of(tcp(80, 80)).size(), 1u);
    EXPECT_EQ(prefixes_of(tcp(0, 65535)).size(), 1u);
    EXPECT_EQ(prefixes_of(tcp(8000, 8099)).size(), 3u);
    EXPECT_EQ(prefixes_of(tcp(1, 65534)).size(), 30u);
}

class ServiceMap : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        program_.emplace("steer.bpf.o", "vipfwd_steer");
        ASSERT_TRUE(program_->loaded());
        map_ = program_->map("services");
    }

    ServiceChanges add(const std::vector<ServicePorts>& services) const {
        const Result<ServiceChanges> changes = add_services(map_, services);
        EXPECT_TRUE(changes) << changes.error().message;
        return changes ? *changes : ServiceChanges{};
    }

    std::optional<test::XdpProgram> program_;
    int map_ = -1;
};

TEST_F(ServiceMap, AddsOnlyWhatIsMissing) {
    EXPECT_EQ(add({tcp(80, 80)}).added, 1u);
    const ServiceChanges changes = add({tcp(80, 80), tcp(8000, 8099)});
    EXPECT_EQ(changes.added, 3u);
    EXPECT_TRUE(changes.surplus.empty());
}

TEST_F(ServiceMap, KeepsExtraServicesUntilTheyAreRemoved) {
    add({tcp(80, 80), tcp(443, 443)});
    const ServiceChanges changes = add({tcp(80, 80)});
    EXPECT_EQ(changes.surplus.size(), 1u);
    EXPECT_EQ(add({tcp(80, 80)}).surplus.size(), 1u);
    ASSERT_TRUE(remove_services(map_, changes.surplus));
    EXPECT_TRUE(add({tcp(80, 80)}).surplus.empty());
}

// More entries than one batch.
TEST_F(ServiceMap, ListsAllServices) {
    std::vector<ServicePorts> many;
    for (std::uint32_t i = 0; i < 4096; ++i)
        many.push_back({IpAddress::from_v4(Be32::from_host(0x0a000000 + i)), 17, 53, 53});
    EXPECT_EQ(add(many).added, many.size());
    EXPECT_EQ(add(many).added, 0u);
    EXPECT_EQ(add({}).surplus.size(), many.size());
}

}  // namespace
}  // namespace vipfwd::bpf
