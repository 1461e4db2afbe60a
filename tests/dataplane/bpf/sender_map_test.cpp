// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/sender_map.h"

#include <gtest/gtest.h>

#include <optional>

#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/steer_sender.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::bpf {
namespace {

class SenderMap : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        program_.emplace("steer.bpf.o", "vipfwd_steer");
        ASSERT_TRUE(program_->loaded());
    }
    int map() const { return program_->map("senders"); }
    // Returns false if the map is full.
    bool add(const IpAddress& vip, std::uint64_t at_ns) const {
        const steer_sender sender{.at_ns = at_ns, .mac = {2, 0, 0, 0, 0, 0x77}, .reserved = {}};
        return bpf_map_update_elem(map(), &vip, &sender, BPF_ANY) == 0;
    }

    std::optional<test::XdpProgram> program_;
};

TEST_F(SenderMap, SendersAreTakenOnce) {
    const IpAddress vip = *parse_ip("fd00::100");
    ASSERT_TRUE(add(vip, 7));
    const auto senders = take_senders(map());
    ASSERT_TRUE(senders) << senders.error().message;
    ASSERT_EQ(senders->size(), 1u);
    EXPECT_EQ((*senders)[0].vip, vip);
    EXPECT_EQ((*senders)[0].mac, (MacAddress{{2, 0, 0, 0, 0, 0x77}}));
    EXPECT_EQ((*senders)[0].at_ns, 7u);
    EXPECT_TRUE(take_senders(map())->empty());
}

TEST_F(SenderMap, AFullMapIsEmptiedForFurtherOnes) {
    std::uint32_t added = 0;
    while (added < 1000 && add(IpAddress::from_v4(Be32::from_host(0x0a000000 + added)), added))
        ++added;
    EXPECT_EQ(added, STEER_MAX_SENDERS + 0u);
    EXPECT_EQ(take_senders(map())->size(), added);
    EXPECT_TRUE(add(*parse_ip("10.1.0.1"), 1));
}

TEST_F(SenderMap, AnythingElseIsAnError) {
    EXPECT_FALSE(take_senders(-1));
}

}  // namespace
}  // namespace vipfwd::bpf
