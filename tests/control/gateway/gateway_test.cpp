// SPDX-License-Identifier: Apache-2.0
// A gateway whose dataplane is the test. Without a port that the kernel takes part in, it needs
// neither root nor a network; the group's tests have a network of their own.
#include "control/gateway/gateway.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>

#include "tests/control/gateway/fake_dataplane.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::gateway {
namespace {

constexpr const char* kCapture = R"(
[gateway]
name = "test"
[dataplane]
hugepages = false
[[port]]
name = "uplink"
device = "in.pcap"
output = "out.pcap"
driver = "pcap"
mac = "02:00:00:00:00:01"
addresses = ["10.0.0.1/24"]
[[neighbor]]
address = "10.0.0.11"
mac = "02:00:00:00:00:0b"
)";

constexpr const char* kBalancing = R"(
[[pool]]
name = "web"
backend = [{ name = "web1", address = "10.0.0.11" }]
[[service]]
name = "web"
vip = "10.0.0.100"
protocol = "tcp"
port = 80
pool = "web"
)";

class GatewayTest : public testing::Test {
  protected:
    void write_config(const std::string& text) {
        std::ofstream(options_.config_path, std::ios::trunc) << text;
    }
    // Control starts (again), on the configuration as it is.
    void start() {
        gateway_.reset();
        gateway_.emplace(loop_, options_, load(options_));
        const Result<void> started = gateway_->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    FakeDataplane& connect(std::optional<abi::RegionMapping> region = {}) {
        dataplane_.emplace(loop_, options_.run_directory);
        EXPECT_TRUE(dataplane_->is_connected());
        dataplane_->give_region(std::move(region));
        dataplane_->connect();
        return *dataplane_;
    }
    bool run_until(const std::function<bool()>& condition) {
        return gateway::run_until(loop_, condition);
    }
    bool becomes_ready() {
        dataplane_->become_ready();
        return run_until([this] { return gateway_->view().dataplane.ready; });
    }

    test::SocketDirectory directory_;
    Options options_{.config_path = directory_ / "vipfwd.toml",
                     .run_directory = directory_ / "run",
                     .replay = {}};
    Loop loop_;
    std::optional<Gateway> gateway_;
    std::optional<FakeDataplane> dataplane_;
};

TEST_F(GatewayTest, TheFirstDataplaneFindsTablesInForce) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    EXPECT_EQ(gateway_->view().publisher, nullptr) << "there is no region before";
    FakeDataplane& dataplane = connect();
    EXPECT_EQ(dataplane.generation(), 1u);
    EXPECT_TRUE(gateway_->view().dataplane.connected);
    EXPECT_FALSE(gateway_->view().dataplane.ready);
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(gateway_->view().publisher->in_force().services.size(), 1u);
}

TEST_F(GatewayTest, AReloadIsPublishedAndAnnounced) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    ASSERT_TRUE(becomes_ready());
    write_config(kCapture);
    EXPECT_TRUE(gateway_->reload().empty());
    const abi::Received announced = dataplane.receive();
    EXPECT_EQ(announced.message.kind, abi::MessageKind::kPublished);
    EXPECT_EQ(announced.message.generation, 2u);
    EXPECT_TRUE(gateway_->view().publisher->in_force().services.empty());
}

TEST_F(GatewayTest, AConfigurationWithAnErrorChangesNothing) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(std::string(kCapture) + "[[pool]]\n");
    const auto diagnostics = gateway_->reload();
    ASSERT_FALSE(diagnostics.empty());
    EXPECT_EQ(diagnostics[0].severity, config::Diagnostic::Severity::kError);
    EXPECT_EQ(gateway_->view().publisher->generation(), 1u);
    EXPECT_EQ(gateway_->view().config.services.size(), 1u);
}

TEST_F(GatewayTest, ReloadsWaitUntilTheDataplaneHasCaughtUp) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    ASSERT_TRUE(becomes_ready());
    write_config(kCapture);
    gateway_->reload();
    write_config(std::string(kCapture) + kBalancing);
    gateway_->reload();
    EXPECT_TRUE(gateway_->view().dataplane.publish_pending);
    EXPECT_EQ(dataplane.generation(), 2u);
    dataplane.acknowledge();
    EXPECT_TRUE(run_until([&] { return dataplane.generation() == 3; }));
    EXPECT_FALSE(gateway_->view().dataplane.publish_pending);
}

TEST_F(GatewayTest, ARejectedGenerationIsShownWithItsReason) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    abi::Message rejected{.kind = abi::MessageKind::kRejected, .generation = 1};
    std::string("wrong checksum").copy(rejected.text, sizeof rejected.text - 1);
    dataplane.send(rejected);
    ASSERT_TRUE(run_until([this] { return gateway_->view().dataplane.rejected.has_value(); }));
    EXPECT_EQ(gateway_->view().dataplane.rejected->reason, "wrong checksum");
}

TEST_F(GatewayTest, ARestartedControlAdoptsTheRegion) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    const std::uint64_t id = gateway_->view().publisher->region().region_id();
    start();
    FakeDataplane& dataplane = connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(gateway_->view().publisher->region().region_id(), id);
    EXPECT_EQ(dataplane.generation(), 1u) << "nothing has changed";
}

TEST_F(GatewayTest, ADataplaneThatWasStartedWithOtherParametersIsToBeRestarted) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    EXPECT_FALSE(gateway_->view().dataplane.boot_differs);
    std::string other = kCapture;
    other.replace(other.find("hugepages = false"), 17,
                  "hugepages = false\nflows_per_worker = 2048");
    write_config(other + kBalancing);
    gateway_->reload();
    EXPECT_TRUE(gateway_->view().dataplane.boot_differs);
}

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
        write_config(R"(
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
)");
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
    gateway_->reload();
    EXPECT_TRUE(gateway_->view().groups.empty());
    EXPECT_EQ(
        abi::Claim::unpack(dataplane_->region().control().leases.groups[index].claim.load()).state,
        abi::LeaseState::kResigned);
}

}  // namespace
}  // namespace vipfwd::gateway
