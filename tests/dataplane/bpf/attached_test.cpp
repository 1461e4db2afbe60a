// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/attached.h"

#include <gtest/gtest.h>

#include <optional>

#include "dataplane/abi/address.h"
#include "tests/dataplane/bpf/private_network.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::bpf {
namespace {

using test::XdpProgram;

class Attached : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        steer_.emplace("steer.bpf.o", "vipfwd_steer");
        decap_.emplace("decap.bpf.o", "vipfwd_decap");
        ASSERT_TRUE(steer_->loaded() && decap_->loaded());
    }

    // The loopback interface supports generic mode only.
    static Result<void> attach_to_lo(const XdpProgram& program,
                                     const AttachedProgram* predecessor = nullptr) {
        return attach("lo", program.fd(), XdpMode::kGeneric, predecessor);
    }

    static std::optional<AttachedProgram> on_lo() {
        Result<std::optional<AttachedProgram>> program = attached_program("lo");
        EXPECT_TRUE(program) << program.error().message;
        return program ? *std::move(program) : std::nullopt;
    }

    std::optional<test::PrivateNetwork> network_;
    std::optional<XdpProgram> steer_;
    std::optional<XdpProgram> decap_;
};

TEST_F(Attached, NothingIsAttachedAtFirst) {
    EXPECT_FALSE(on_lo().has_value());
}

TEST_F(Attached, AnUnknownInterfaceIsAnErrorThatNamesIt) {
    const auto program = attached_program("nowhere0");
    ASSERT_FALSE(program);
    EXPECT_NE(program.error().message.find("'nowhere0'"), std::string::npos);
}

TEST_F(Attached, IsFoundWithItsNameAndMode) {
    ASSERT_TRUE(attach_to_lo(*steer_));
    const auto program = on_lo();
    ASSERT_TRUE(program.has_value());
    EXPECT_EQ(program->name, kSteerProgram);
    EXPECT_EQ(program->mode, XdpMode::kGeneric);
}

TEST_F(Attached, ItsMapsAreFoundByName) {
    ASSERT_TRUE(attach_to_lo(*steer_));
    const auto program = on_lo();
    ASSERT_TRUE(program.has_value());
    const std::uint32_t value = 1;
    const auto vip = IpAddress::from_v4(Be32::from_host(0x0a000064));
    ASSERT_EQ(bpf_map_update_elem(steer_->map("vips"), &vip, &value, BPF_ANY), 0);

    const Result<abi::Fd> found = map_of(*program, "vips");
    ASSERT_TRUE(found) << found.error().message;
    std::uint32_t read = 0;
    EXPECT_EQ(bpf_map_lookup_elem(found->get(), &vip, &read), 0);
    EXPECT_FALSE(map_of(*program, "nothing"));
}

TEST_F(Attached, IsNotReplacedUnlessNamedAsPredecessor) {
    ASSERT_TRUE(attach_to_lo(*decap_));
    EXPECT_FALSE(attach_to_lo(*steer_));
    const auto decap = on_lo();
    ASSERT_TRUE(decap.has_value());
    EXPECT_EQ(decap->name, kDecapProgram);

    ASSERT_TRUE(attach_to_lo(*steer_, &*decap));
    ASSERT_TRUE(on_lo().has_value());
    EXPECT_EQ(on_lo()->name, kSteerProgram);
}

TEST_F(Attached, AReplacedProgramIsNotDetached) {
    ASSERT_TRUE(attach_to_lo(*decap_));
    const auto decap = on_lo();
    ASSERT_TRUE(decap.has_value());
    ASSERT_TRUE(attach_to_lo(*steer_, &*decap));
    EXPECT_FALSE(detach("lo", *decap));
    EXPECT_TRUE(on_lo().has_value());
}

TEST_F(Attached, ALeftoverOfOursIsDetached) {
    ASSERT_TRUE(attach_to_lo(*steer_));
    const Result<bool> detached = detach_leftover("lo", kSteerProgram);
    ASSERT_TRUE(detached) << detached.error().message;
    EXPECT_TRUE(*detached);
    EXPECT_FALSE(on_lo().has_value());
}

TEST_F(Attached, WithoutALeftoverThereIsNoError) {
    const Result<bool> detached = detach_leftover("lo", kSteerProgram);
    ASSERT_TRUE(detached) << detached.error().message;
    EXPECT_FALSE(*detached);
}

TEST_F(Attached, AProgramOfAnotherOwnerIsNotDetachedButNamed) {
    ASSERT_TRUE(attach_to_lo(*decap_));
    const Result<bool> detached = detach_leftover("lo", kSteerProgram);
    ASSERT_FALSE(detached);
    EXPECT_NE(detached.error().message.find("vipfwd_decap"), std::string::npos);
    EXPECT_TRUE(on_lo().has_value());
}

TEST_F(Attached, AModeThatTheInterfaceLacksIsAnError) {
    EXPECT_FALSE(attach("lo", steer_->fd(), XdpMode::kNative, nullptr));
    EXPECT_FALSE(on_lo().has_value());
}

}  // namespace
}  // namespace vipfwd::bpf
