// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in namespaces of the test's own:
//
//   this process                          peer
//   up0  10.0.0.1/24 fd00::1/64  ──veth── down0  10.0.0.11/24 fd00::11/64  02:00:00:00:00:11
#include "control/net/kernel_network.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>

#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

constexpr std::int64_t kDeadline_ms = 20'000;
const IpAddress kBackendV6 = ip("fd00::11");

// Captures log lines during its lifetime.
class Log {
  public:
    Log() : before_(spdlog::default_logger()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    }
    ~Log() { spdlog::set_default_logger(before_); }

    int count(const std::string& part) const {
        const std::string text = text_.str();
        int found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos;
             at = text.find(part, at + 1))
            ++found;
        return found;
    }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

class KernelNetworkTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        run_ip("link set lo up");
        config_.ports = {port("uplink", "up0")};
        add_backend(config_, kBackend);
    }

    static void make_link(const std::string& more = "") {
        run_ip("link add up0 " + more + " type veth peer name down0 address 02:00:00:00:00:11");
        run_ip("address add 10.0.0.1/24 dev up0");
        run_ip("address add fd00::1/64 dev up0 nodad");
        run_ip("link set up0 up");
    }
    void connect_peer() {
        peer_.emplace();
        run_ip("link set down0 netns " + peer_->pid());
        peer_->run_ip("address add 10.0.0.11/24 dev down0");
        peer_->run_ip("address add fd00::11/64 dev down0 nodad");
        peer_->run_ip("link set down0 up");
    }
    static void set_neighbor(const IpAddress& address, const MacAddress& mac,
                             const std::string& state = "permanent") {
        run_ip("neighbor replace " + to_string(address) + " lladdr " + to_string(mac) +
               " dev up0 nud " + state);
    }

    // Runs the loop until the condition holds. False if it does not within the deadline.
    bool run_until(const std::function<bool()>& condition) {
        bool held = false;
        Timer look(loop_, [&] {
            held = condition();
            if (held)
                loop_.stop();
        });
        look.fire_every(2);
        Timer deadline(loop_, [&] { loop_.stop(); });
        deadline.fire_after(kDeadline_ms);
        loop_.run();
        return held;
    }
    bool run_until_settled() {
        kernel_network_.configure(config_);
        return run_until([this] { return kernel_network_.settled() && changes_ > 0; });
    }
    bool run_until_hop(const IpAddress& address, const std::optional<MacAddress>& mac) {
        return run_until([&] {
            const auto hop = kernel_network_.facts().next_hop(address);
            return hop.has_value() == mac.has_value() && (!hop || hop->mac == *mac);
        });
    }
    bool run_until_state(const IpAddress& address, HopState state) {
        return run_until([&] { return kernel_network_.hop(address).state == state; });
    }
    // Runs the loop until on_change was called once more.
    bool run_until_change() {
        return run_until([&, before = changes_] { return changes_ > before; });
    }

    const Log log_;
    std::optional<PrivateNetwork> network_;
    std::optional<Peer> peer_;
    config::Config config_;
    int changes_ = 0;
    Loop loop_;
    KernelNetwork kernel_network_{loop_, [this] { ++changes_; }};
};

TEST_F(KernelNetworkTest, StartsWithWhatTheKernelKnows) {
    make_link("mtu 1600");
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    const Facts facts = kernel_network_.facts();
    EXPECT_EQ(facts.next_hop(kBackend), (NextHop{kPeerMac, 0}));
    ASSERT_EQ(facts.ports.size(), 1u);
    EXPECT_EQ(facts.ports[0].source_v4, ip("10.0.0.1"));
    EXPECT_EQ(facts.ports[0].source_v6, ip("fd00::1"));
    EXPECT_EQ(facts.ports[0].mtu, 1600u);
    EXPECT_EQ(kernel_network_.hop(kBackend).state, HopState::kReachable);
    EXPECT_EQ(changes_, 1);
}

TEST_F(KernelNetworkTest, ReportsAChangedMac) {
    make_link();
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    set_neighbor(kBackend, kOtherMac);
    ASSERT_TRUE(run_until_change());
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackend)->mac, kOtherMac);
}

TEST_F(KernelNetworkTest, UsesAnInterfaceThatAppearsLaterAndLogsOnceThatItIsMissing) {
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.hop(kBackend).state, HopState::kNoRoute);
    EXPECT_EQ(kernel_network_.facts().ports.at(0).mtu, 0u);
    run_ip("link add other0 type veth peer name other1");
    make_link();
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_hop(kBackend, kPeerMac));
    EXPECT_EQ(kernel_network_.facts().ports.at(0).source_v4, ip("10.0.0.1"));
    EXPECT_EQ(log_.count("there is no interface up0"), 1);
    run_ip("link delete up0");
    ASSERT_TRUE(run_until_hop(kBackend, std::nullopt));
    make_link();
    set_neighbor(kBackend, kOtherMac);
    ASSERT_TRUE(run_until_hop(kBackend, kOtherMac)) << "the interface has another number now";
}

TEST_F(KernelNetworkTest, FollowsARouteThatMovesToAnotherGateway) {
    make_link();
    const IpAddress far = ip("10.9.0.1");
    add_backend(config_, far);
    set_neighbor(ip("10.0.0.253"), kPeerMac);
    set_neighbor(ip("10.0.0.254"), kOtherMac);
    run_ip("route add 10.9.0.0/16 via 10.0.0.253");
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(far), (NextHop{kPeerMac, 0}));
    run_ip("route replace 10.9.0.0/16 via 10.0.0.254");
    EXPECT_TRUE(run_until_hop(far, kOtherMac));
    run_ip("route replace unreachable 10.9.0.0/16");
    EXPECT_TRUE(run_until_state(far, HopState::kNoRoute));
    run_ip("route replace 10.9.0.0/16 via inet6 fd00::11 dev up0");
    set_neighbor(kBackendV6, kPeerMac);
    EXPECT_TRUE(run_until_hop(far, kPeerMac)) << "an IPv6 gateway of an IPv4 route";
    run_ip("rule add to 10.9.0.1 blackhole");
    EXPECT_TRUE(run_until_state(far, HopState::kNoRoute));
}

TEST_F(KernelNetworkTest, ReachesAnIpv6BackendThroughALinkLocalGateway) {
    make_link();
    connect_peer();
    peer_->run_ip("address add fe80::11/64 dev down0 nodad");
    const IpAddress far = ip("fd00:9::1");
    add_backend(config_, far);
    run_ip("-6 route add fd00:9::/32 via fe80::11 dev up0");
    ASSERT_TRUE(run_until_settled());
    EXPECT_TRUE(run_until_hop(far, kPeerMac));
    run_ip("-6 route replace unreachable fd00:9::/32");
    EXPECT_TRUE(run_until_state(far, HopState::kNoRoute));
    run_ip("-6 route del fd00:9::/32");
    run_ip("-6 route add default via fe80::11 dev up0");
    EXPECT_TRUE(run_until_hop(far, kPeerMac));
}

TEST_F(KernelNetworkTest, FollowsAnIpv6BackendsMac) {
    make_link();
    add_backend(config_, kBackendV6);
    set_neighbor(kBackendV6, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackendV6), (NextHop{kPeerMac, 0}));
    set_neighbor(kBackendV6, kOtherMac);
    EXPECT_TRUE(run_until_hop(kBackendV6, kOtherMac));
}

TEST_F(KernelNetworkTest, UsesATapWhileItExists) {
    config_.ports = {port("nic", "0000:01:00.0", abi::Driver::kPci)};
    config_.ports[0].kernel_interface = "tap0";
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.hop(kBackend).state, HopState::kNoRoute);
    run_ip("tuntap add dev tap0 mode tap");
    run_ip("link set tap0 mtu 1600 up");
    run_ip("address add 10.0.0.1/24 dev tap0");
    run_ip("neighbor replace 10.0.0.11 lladdr " + to_string(kPeerMac) + " dev tap0");
    ASSERT_TRUE(run_until_hop(kBackend, kPeerMac));
    EXPECT_EQ(kernel_network_.facts().ports.at(0).source_v4, ip("10.0.0.1"));
    EXPECT_EQ(kernel_network_.facts().ports.at(0).mtu, 1600u);
    run_ip("link delete tap0");
    EXPECT_TRUE(run_until_hop(kBackend, std::nullopt));
    EXPECT_EQ(log_.count("there is no interface"), 0);
}

TEST_F(KernelNetworkTest, ABackendThatIsRoutedElsewhereIsNotViaAPort) {
    make_link();
    run_ip("link add other0 type veth peer name other1");
    run_ip("address add 10.8.0.1/24 dev other0");
    run_ip("link set other0 up");
    add_backend(config_, ip("10.8.0.2"));
    add_backend(config_, ip("10.0.0.1"));
    add_backend(config_, ip("fd00::1"));
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.hop(ip("10.8.0.2")).state, HopState::kNotViaPort);
    EXPECT_EQ(kernel_network_.hop(ip("10.0.0.1")).state, HopState::kOwnAddress);
    EXPECT_EQ(kernel_network_.hop(ip("fd00::1")).state, HopState::kOwnAddress);
    EXPECT_EQ(kernel_network_.hop(ip("10.7.7.7")).state, HopState::kUntracked);
}

TEST_F(KernelNetworkTest, MakesTheKernelResolveBackendsOfBothFamilies) {
    make_link();
    add_backend(config_, kBackendV6);
    connect_peer();
    ASSERT_TRUE(run_until_settled());
    EXPECT_TRUE(run_until_hop(kBackend, kPeerMac));
    EXPECT_TRUE(run_until_hop(kBackendV6, kPeerMac));
    EXPECT_TRUE(run_until_state(kBackend, HopState::kReachable));
}

TEST_F(KernelNetworkTest, KeepsProbingABackendThatDoesNotAnswer) {
    make_link();
    run_ip("link set down0 up");
    run_ip("ntable change name arp_cache dev up0 retrans 50");
    ASSERT_TRUE(run_until_settled());
    ASSERT_TRUE(run_until([] { return ip_says("neighbor show 10.0.0.11 nud failed"); }));
    EXPECT_EQ(kernel_network_.hop(kBackend).state, HopState::kResolving);
    connect_peer();
    EXPECT_TRUE(run_until_hop(kBackend, kPeerMac));
}

TEST_F(KernelNetworkTest, KeepsTheLastKnownMacUntilTheKernelHasAnotherOne) {
    make_link();
    connect_peer();
    ASSERT_TRUE(run_until_settled());
    ASSERT_TRUE(run_until_hop(kBackend, kPeerMac));
    peer_->run_ip("link set down0 down");
    ASSERT_TRUE(run_until_state(kBackend, HopState::kLost));
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackend)->mac, kPeerMac);
    peer_->run_ip("link set down0 address 02:00:00:00:00:22");
    peer_->run_ip("link set down0 up");
    EXPECT_TRUE(run_until_hop(kBackend, kOtherMac));
    EXPECT_TRUE(run_until_state(kBackend, HopState::kReachable));
}

TEST_F(KernelNetworkTest, AStaleNeighborIsProbed) {
    make_link();
    connect_peer();
    run_ip("ntable change name arp_cache dev up0 retrans 50 delay_probe 50");
    set_neighbor(kBackend, kOtherMac, "stale");  // the wrong MAC
    ASSERT_TRUE(run_until_settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackend)->mac, kOtherMac);
    EXPECT_TRUE(run_until_hop(kBackend, kPeerMac));
}

TEST_F(KernelNetworkTest, RecoversFromLostNotifications) {
    make_link();
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    // More messages than the socket's queue holds; only the last of them matters.
    const std::string path = testing::TempDir() + "vipfwd_net_test_" + std::to_string(getpid());
    std::ofstream batch(path);
    for (int i = 0; i < 32'000; ++i) {
        batch << "neighbor replace 10.0.0.12 lladdr 02:00:00:00:00:" << 10 + i % 80
              << " dev up0 nud permanent\n";
    }
    batch << "route replace 10.0.0.11/32 via 10.0.0.12\n";
    batch << "neighbor replace 10.0.0.12 lladdr " << to_string(kOtherMac)
          << " dev up0 nud permanent\n";
    batch.close();
    run_ip("-batch " + path);
    std::filesystem::remove(path);
    EXPECT_TRUE(run_until_hop(kBackend, kOtherMac));
    EXPECT_EQ(log_.count("asking the kernel for everything again"), 1);
}

TEST_F(KernelNetworkTest, AReloadKeepsKnownNextHopsAndFindsNewOnes) {
    make_link();
    set_neighbor(kBackend, kPeerMac);
    set_neighbor(ip("10.0.0.12"), kOtherMac);
    ASSERT_TRUE(run_until_settled());
    add_backend(config_, ip("10.0.0.12"));
    kernel_network_.configure(config_);
    EXPECT_FALSE(kernel_network_.settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackend), (NextHop{kPeerMac, 0}));
    ASSERT_TRUE(run_until_change());
    EXPECT_TRUE(kernel_network_.settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(ip("10.0.0.12")), (NextHop{kOtherMac, 0}));
}

TEST_F(KernelNetworkTest, AReloadThatNeedsNoNewNextHopWaitsForNothing) {
    make_link();
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    config_.pools[0].backends[0].weight = 1;
    kernel_network_.configure(config_);
    EXPECT_TRUE(kernel_network_.settled());
    EXPECT_EQ(kernel_network_.facts().next_hop(kBackend), (NextHop{kPeerMac, 0}));
    config_.ports.push_back(port("other", "eth2"));
    kernel_network_.configure(config_);
    EXPECT_FALSE(kernel_network_.settled()) << "routes may lead to other ports";
    EXPECT_TRUE(run_until([this] { return kernel_network_.settled(); }));
}

TEST_F(KernelNetworkTest, IrrelevantChangesAreNotReported) {
    make_link();
    set_neighbor(kBackend, kPeerMac);
    ASSERT_TRUE(run_until_settled());
    const int before = changes_;
    set_neighbor(ip("10.0.0.77"), kOtherMac);
    run_ip("address add 10.0.0.2/24 dev up0");
    run_ip("route add 10.77.0.0/16 via 10.0.0.77");
    set_neighbor(kBackend, kPeerMac, "reachable");
    set_neighbor(kBackend, kOtherMac);  // the one relevant change comes last
    ASSERT_TRUE(run_until_hop(kBackend, kOtherMac));
    ASSERT_TRUE(run_until_change());
    EXPECT_EQ(changes_, before + 1);
}

// Needs no privilege.
TEST(KernelNetworkReplay, OpensNoSocketIfNoPortHasAKernelInterface) {
    const auto open_files = [] {
        const std::filesystem::directory_iterator files("/proc/self/fd");
        return std::distance(begin(files), end(files));
    };
    Loop loop;
    int changes = 0;
    KernelNetwork kernel_network(loop, [&] { ++changes; });
    config::Config config;
    config.ports = {port("capture", "in.pcap", abi::Driver::kPcap)};
    config.ports[0].addresses = {network("10.0.0.1/24")};
    config.neighbors = {neighbor("10.0.0.11", "02:00:00:00:00:11")};
    add_backend(config, kBackend);
    add_backend(config, ip("10.0.0.12"));
    const auto before = open_files();
    kernel_network.configure(config);
    EXPECT_EQ(open_files(), before);
    EXPECT_TRUE(kernel_network.settled());
    EXPECT_EQ(kernel_network.facts().next_hop(kBackend), (NextHop{kPeerMac, 0}));
    EXPECT_EQ(kernel_network.facts().ports.at(0).source_v4, ip("10.0.0.1"));
    EXPECT_EQ(kernel_network.hop(kBackend).state, HopState::kStatic);
    EXPECT_EQ(kernel_network.hop(ip("10.0.0.12")).state, HopState::kNoStaticNeighbor);
    EXPECT_EQ(changes, 0);
}

}  // namespace
}  // namespace vipfwd::net
