// SPDX-License-Identifier: Apache-2.0
#include "control/decap/attach.h"

#include <gtest/gtest.h>

#include <optional>

#include "control/decap/kernel_message.h"
#include "control/decap/status.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/attached.h"
#include "dataplane/bpf/decap_counters.h"
#include "tests/control/net/peer.h"
#include "tests/dataplane/bpf/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::decap {
namespace {

class Attach : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        capture_kernel_messages();
        network_.emplace();
    }

    // Loopback knows generic mode only.
    static AttachRequest request() {
        AttachRequest request{.interface = "lo", .mode = ModeChoice::kAuto, .settings = {}};
        request.settings.addresses = {parse_ip("10.0.0.11").value(), parse_ip("fd00::11").value()};
        request.settings.vips = {parse_ip("10.0.0.100").value()};
        return request;
    }

    static std::vector<InterfaceStatus> found() {
        Result<std::vector<InterfaceStatus>> interfaces = status();
        EXPECT_TRUE(interfaces) << interfaces.error().message;
        return interfaces ? *std::move(interfaces) : std::vector<InterfaceStatus>{};
    }

    std::optional<test::PrivateNetwork> network_;
};

TEST_F(Attach, UsesAModeThatTheInterfaceSupports) {
    const Result<Attached> attached = attach(request());
    ASSERT_TRUE(attached) << attached.error().message;
    EXPECT_EQ(attached->mode, bpf::XdpMode::kGeneric);
}

TEST_F(Attach, WritesTheSettingsToTheProgram) {
    AttachRequest wanted = request();
    wanted.settings.gue_port = 4754;
    wanted.settings.allowed = {parse_source_prefix("10.0.0.0/8").value(),
                               parse_source_prefix("fd00::1").value(),
                               parse_source_prefix("::/0").value()};
    ASSERT_TRUE(attach(wanted));
    const auto interfaces = found();
    ASSERT_EQ(interfaces.size(), 1u);
    EXPECT_EQ(interfaces[0].interface, "lo");
    EXPECT_EQ(interfaces[0].settings.addresses, wanted.settings.addresses);
    EXPECT_EQ(interfaces[0].settings.vips, wanted.settings.vips);
    EXPECT_EQ(interfaces[0].settings.gue_port, 4754u);
    const std::vector<SourcePrefix> ascending{
        wanted.settings.allowed[2], wanted.settings.allowed[0], wanted.settings.allowed[1]};
    EXPECT_EQ(interfaces[0].settings.allowed, ascending);
    EXPECT_EQ(interfaces[0].counters, std::vector<std::uint64_t>(DECAP_COUNTERS));
}

TEST_F(Attach, AllowsAllSourcesIfNoneIsNamed) {
    ASSERT_TRUE(attach(request()));
    const auto interfaces = found();
    ASSERT_EQ(interfaces.size(), 1u);
    EXPECT_TRUE(interfaces[0].settings.allowed.empty());
    EXPECT_EQ(interfaces[0].settings.gue_port, kDefaultGuePort);
}

TEST_F(Attach, ReplacesAllSettingsWhenRepeated) {
    AttachRequest first = request();
    first.settings.gue_port = 4754;
    first.settings.allowed = {parse_source_prefix("10.0.0.0/8").value()};
    ASSERT_TRUE(attach(first));
    AttachRequest second = request();
    second.settings.addresses = {parse_ip("10.0.0.12").value()};
    second.settings.vips = {parse_ip("10.0.0.101").value()};
    ASSERT_TRUE(attach(second));
    const auto interfaces = found();
    ASSERT_EQ(interfaces.size(), 1u);
    EXPECT_EQ(interfaces[0].settings.addresses, second.settings.addresses);
    EXPECT_EQ(interfaces[0].settings.vips, second.settings.vips);
    EXPECT_EQ(interfaces[0].settings.gue_port, kDefaultGuePort);
    EXPECT_TRUE(interfaces[0].settings.allowed.empty());
}

TEST_F(Attach, UsesTheHostsAddressesOfThatMoment) {
    net::run_ip("link add left type veth peer name right");
    net::run_ip("address add 10.0.0.11/24 dev left");
    AttachRequest of_the_host = request();
    of_the_host.settings.addresses.clear();
    ASSERT_TRUE(attach(of_the_host));
    EXPECT_EQ(found().at(0).settings.addresses, std::vector{parse_ip("10.0.0.11").value()});

    net::run_ip("address add fd00::11/64 dev left");
    ASSERT_TRUE(attach(of_the_host));
    EXPECT_EQ(found().at(0).settings.addresses,
              (std::vector{parse_ip("10.0.0.11").value(), parse_ip("fd00::11").value()}));
}

TEST_F(Attach, NeedsAnAddressToUnwrapFor) {
    AttachRequest of_the_host = request();
    of_the_host.settings.addresses.clear();
    const Result<Attached> attached = attach(of_the_host);
    ASSERT_FALSE(attached);
    EXPECT_NE(attached.error().message.find("--address"), std::string::npos);
    EXPECT_TRUE(found().empty());
}

TEST_F(Attach, DeliversToTheAddressesOfLoopbackOfThatMoment) {
    AttachRequest of_the_host = request();
    of_the_host.settings.vips.clear();
    const Result<Attached> without = attach(of_the_host);
    ASSERT_FALSE(without);
    EXPECT_NE(without.error().message.find("--vip"), std::string::npos);
    EXPECT_TRUE(found().empty());

    net::run_ip("address add 10.0.0.100/32 dev lo");
    ASSERT_TRUE(attach(of_the_host));
    EXPECT_EQ(found().at(0).settings.vips, std::vector{parse_ip("10.0.0.100").value()});
}

TEST_F(Attach, IsUndoneByDetaching) {
    ASSERT_TRUE(attach(request()));
    ASSERT_TRUE(bpf::detach_leftover("lo", bpf::kDecapProgram));
    EXPECT_TRUE(found().empty());
}

}  // namespace
}  // namespace vipfwd::decap
