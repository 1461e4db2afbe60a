// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/service_index.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

using sample::World;

std::uint32_t first_candidate(const Tables& tables, const IpAddress& vip, std::uint16_t port) {
    const std::uint64_t part = abi::FlowHash(tables.generation.header.key).destination_part(vip);
    return tables.index.first_candidate(
        ServiceIndex::service_bucket(part, make_target(kIpProtocolTcp, Be16::from_host(port))));
}

TEST(ServiceIndex, FindsVipsOfBothFamiliesAndNoOtherAddress) {
    const World world;
    const Tables& tables = world.tables();
    const auto find = [&](const char* address) {
        return tables.index.find_vip(tables.generation, sample::ip(address));
    };
    EXPECT_EQ(find("10.0.0.100"), 0u);
    EXPECT_EQ(find("10.0.0.102"), 2u);
    EXPECT_EQ(find("fd00::100"), 3u);
    EXPECT_EQ(find("10.0.0.103"), kNone);
    EXPECT_EQ(find("fd00::101"), kNone);
    EXPECT_EQ(find("::"), kNone);
}

TEST(ServiceIndex, TheFirstCandidateIsTheServiceOrMatchesNoPacket) {
    const World world;
    const Tables& tables = world.tables();
    EXPECT_EQ(first_candidate(tables, sample::ip("10.0.0.100"), 80), 0u);
    const std::uint32_t candidate = first_candidate(tables, sample::ip("10.0.0.100"), 79);
    EXPECT_FALSE(tables.services[candidate].matches(
        sample::ip("10.0.0.100"), make_target(kIpProtocolTcp, Be16::from_host(79))));
}

TEST(ServiceIndex, AnEmptyGenerationHasNoService) {
    World world;
    world.generation().header.vip_count = world.generation().header.service_count = 0;
    world.rebuild();
    const Tables& tables = world.tables();
    EXPECT_EQ(sample::find_service(tables, sample::ip("10.0.0.100"), kIpProtocolTcp, 80), kNone);
    EXPECT_EQ(first_candidate(tables, sample::ip("10.0.0.100"), 80), kNoService);
    EXPECT_EQ(tables.index.find_vip(tables.generation, sample::ip("10.0.0.100")), kNone);
}

// As many services as there can be, half of them on a range of ports.
TEST(ServiceIndex, AgreesWithALinearSearchOverFourThousandServices) {
    World world;
    abi::Generation& generation = world.generation();
    generation.header.vip_count = generation.header.service_count = 0;
    for (std::uint32_t i = 0; i < abi::kMaxServices / 4; ++i) {
        const std::string vip = "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
        world.add_vip(vip, true);
        world.add_service(vip, 6, 80, 80, 0);
        world.add_service(vip, 17, 80, 80, 0);
        world.add_service(vip, 6, 100, 199, 0);
        world.add_service(vip, 6, 200, 300, 0);
    }
    world.rebuild();
    const auto linear = [&](const IpAddress& vip, std::uint8_t protocol, std::uint16_t port) {
        for (std::uint32_t i = 0; i < generation.header.service_count; ++i) {
            const abi::ServiceEntry& service = generation.services[i];
            if (service.vip == vip && service.protocol == protocol && service.port_first <= port &&
                port <= service.port_last)
                return i;
        }
        return kNone;
    };
    const Tables& tables = world.tables();
    const auto find = [&](const IpAddress& vip, std::uint8_t protocol, std::uint16_t port) {
        return sample::find_service(tables, vip, protocol, port);
    };
    std::mt19937 random(1);
    for (int i = 0; i < 3000; ++i) {
        const IpAddress vip = IpAddress::from_v4(
            Be32::from_host(static_cast<std::uint32_t>(0x0a010000 + random() % 1100)));
        const std::uint8_t protocol = random() % 2 == 0 ? kIpProtocolTcp : kIpProtocolUdp;
        const auto port = static_cast<std::uint16_t>(random() % 4 == 0 ? 80 : random() % 320);
        EXPECT_EQ(find(vip, protocol, port), linear(vip, protocol, port));
    }
}

}  // namespace
}  // namespace vipfwd::packet
