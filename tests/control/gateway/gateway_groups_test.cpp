// SPDX-License-Identifier: Apache-2.0
// A gateway with a group, on a network of its own.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/control/gateway/gateway_scene.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::gateway {
namespace {

constexpr const char* kElection = R"(
[gateway]
random_seed = true
[dataplane]
hugepages = false
[[port]]
name = "uplink"
device = "up0"
driver = "af_packet"
[[group]]
name = "edge"
port = "uplink"
id = 51
advert_interval_ms = 10
vips = ["10.0.0.100"]
)";

// up0 10.0.0.1 ──veth── down0 of the peer, which holds no election
class GatewayGroupTest : public GatewayTest {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
        net::run_ip("link add up0 type veth peer name down0");
        net::run_ip("address add 10.0.0.1/24 dev up0");
        net::run_ip("link set up0 up");
        net::run_ip("link set down0 netns " + peer_->pid());
        peer_->run_ip("link set down0 up");
        write_config(kElection);
        start();
    }
    // Beats for the worker, too, unless it hangs.
    bool run_until_state(vrrp::State state) {
        return run_until([&] {
            if (!hangs_)
                dataplane_->beat();
            if (dataplane_->status().workers[0].generation.load() != dataplane_->generation())
                dataplane_->acknowledge();
            return group().state == state;
        });
    }
    group::GroupStatus group() const { return gateway_->view().groups.at(0); }
    abi::LeaseState lease() const {
        const abi::LeaseArea& leases = dataplane_->region().control().leases;
        const auto index = table::find_lease(gateway_->view().publisher->in_force(), "edge");
        return leases.groups[index].at(static_cast<std::uint64_t>(monotonic_ns())).state;
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<net::Peer> peer_;
    bool hangs_ = false;
};

TEST_F(GatewayGroupTest, AGroupBecomesActiveOnceTheDataplaneForwards) {
    EXPECT_EQ(group().state, vrrp::State::kDown);
    connect();
    EXPECT_EQ(group().state, vrrp::State::kDown);
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    EXPECT_EQ(lease(), abi::LeaseState::kOwner);
    EXPECT_TRUE(group().hindrances.empty());
}

TEST_F(GatewayGroupTest, AGroupResignsWhenAWorkerHangsAndReturnsWhenItRuns) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    hangs_ = true;
    ASSERT_TRUE(run_until_state(vrrp::State::kDown));
    EXPECT_EQ(lease(), abi::LeaseState::kResigned);
    EXPECT_EQ(group().hindrances,
              (std::vector<group::Hindrance>{{group::Hindrance::Kind::kDataplaneNotForwarding}}));
    hangs_ = false;
    EXPECT_TRUE(run_until_state(vrrp::State::kActive));
}

TEST_F(GatewayGroupTest, AGroupStaysActiveWhileItsRenamedPortWaits) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    write_config(with_renamed_port(kElection) + "priority = 50\n");
    const plan::Outcome outcome = reload({});
    EXPECT_TRUE(outcome.applied);
    EXPECT_FALSE(outcome.plan.waiting.empty());
    EXPECT_EQ(group().state, vrrp::State::kActive);
    EXPECT_EQ(group().port, "uplink");
    EXPECT_EQ(group().configured_priority, 100);
    EXPECT_EQ(lease(), abi::LeaseState::kOwner);
}

TEST_F(GatewayGroupTest, ARestartedControlAdoptsAGroupWhoseRenamedPortWaits) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    write_config(with_renamed_port(kElection));
    start();
    connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    EXPECT_EQ(group().cause, vrrp::Cause::kAdopted);
    EXPECT_EQ(group().port, "uplink");
}

TEST_F(GatewayGroupTest, NobodyHereOwnsTheVipsOfAGroupOnAPortThatWaits) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    write_config(std::string(kElection) + R"([[port]]
name = "inner"
device = "up1"
driver = "af_packet"
[[group]]
name = "inner"
port = "inner"
id = 52
vips = ["10.0.0.101"]
)");
    ASSERT_TRUE(reload({}).applied);
    const auto vip = [this](std::size_t i) {
        return gateway_->view().publisher->in_force().vips.at(i);
    };
    ASSERT_TRUE(run_until([&] { return gateway_->view().publisher->in_force().vips.size() == 2; }));
    EXPECT_TRUE(abi::is_lease(vip(0).lease));
    EXPECT_EQ(vip(1).lease, abi::kNeverOwned);
}

TEST_F(GatewayGroupTest, AGroupResignsWithItsDataplane) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    dataplane_.reset();
    EXPECT_TRUE(run_until([this] { return group().state == vrrp::State::kDown; }));
}

TEST_F(GatewayGroupTest, ADataplaneThatStopsHandsOverFirst) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    dataplane_->send({.kind = abi::MessageKind::kLeaving});
    ASSERT_TRUE(run_until_state(vrrp::State::kHandingOver));
    EXPECT_EQ(lease(), abi::LeaseState::kHandingOver);
}

TEST_F(GatewayGroupTest, ACommandAtTheControlSocketTakesEffectAtOnce) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    const abi::Fd client = test::connect_to(abi::control_socket_path(options_.run_directory));
    const std::string request =
        "{\"command\": \"group disable\", \"arguments\": {\"group\": \"edge\"}}\n";
    ASSERT_EQ(write(client.get(), request.data(), request.size()),
              static_cast<ssize_t>(request.size()));
    EXPECT_TRUE(run_until_state(vrrp::State::kDown));
    EXPECT_EQ(group().hindrances,
              (std::vector<group::Hindrance>{{group::Hindrance::Kind::kDisabled}}));
}

TEST_F(GatewayGroupTest, AGroupThatIsNotConfiguredAnyMoreResigns) {
    connect();
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until_state(vrrp::State::kActive));
    const auto index = table::find_lease(gateway_->view().publisher->in_force(), "edge");
    write_config(
        "[dataplane]\nhugepages = false\n[[port]]\nname = \"uplink\"\n"
        "device = \"up0\"\ndriver = \"af_packet\"\n");
    reload({.force = true});
    EXPECT_TRUE(gateway_->view().groups.empty());
    EXPECT_EQ(
        abi::Claim::unpack(dataplane_->region().control().leases.groups[index].claim.load()).state,
        abi::LeaseState::kResigned);
}

}  // namespace
}  // namespace vipfwd::gateway
