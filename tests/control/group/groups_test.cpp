// SPDX-License-Identifier: Apache-2.0
// Two groups of one set, in a network of their own with one peer:
//
//   this process           peer
//   up0  10.0.0.1 ──veth── down0  10.0.0.2
#include "control/group/groups.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/vrrp/advert.h"
#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::group {
namespace {

const IpAddress kOwn = parse_ip("10.0.0.1").value();
const IpAddress kPeer = parse_ip("10.0.0.2").value();
const IpAddress kAll = vrrp::multicast_group(true);

config::Group group(const std::string& name, std::uint32_t id, const std::string& vip) {
    config::Group made;
    made.name = name;
    made.port = "uplink";
    made.id = id;
    made.advert_interval_ms = 10;
    made.sync_set = "all";
    made.vips = {parse_ip(vip).value()};
    return made;
}

class GroupsTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
        peer_->link(false);
        peer_->visit([&] { theirs_.emplace(net::AdvertSocket::open("down0", true).value()); });

        config_.ports.resize(1);
        config_.ports[0].name = "uplink";
        config_.groups = {group("edge", 51, "10.0.0.100"), group("core", 52, "10.0.0.101")};
        for (std::size_t i = 0; i < 2; ++i) {
            abi::GroupEntry& entry = tables_.groups.emplace_back();
            config_.groups[i].name.copy(entry.name, sizeof entry.name - 1);
            entry.lease = static_cast<std::uint16_t>(i);
        }
        groups_.emplace(loop_, Groups::Events{.election_due = [this] { on_election_due(); },
                                              .track_changed = [this] { update(); },
                                              .leases_changed = [this] { ++lease_reports_; },
                                              .record =
                                                  [this](const events::Event& event) {
                                                      recorded_.push_back(to_string(event));
                                                  }});
        configure();
    }

    // As the gateway does it.
    void configure() {
        groups_->configure(config_);
        update();
    }
    void update() {
        groups_->update(inputs());
        stop_if_reached();
    }
    void on_election_due() {
        groups_->run_elections();
        stop_if_reached();
    }
    void stop_if_reached() {
        if (states() == wanted_)
            loop_.stop();
    }
    Result<void> updated(Result<void> done) {
        update();
        return done;
    }

    static net::PortFacts uplink() {
        net::PortFacts facts;
        facts.name = "uplink";
        facts.own_v4 = kOwn;
        facts.mtu = 1500;
        return facts;
    }
    GatewayInputs inputs() {
        return {.leases = leases_.get(),
                .in_force = &tables_,
                .dataplane_forwards = dataplane_forwards_,
                .ports = {{.facts = uplink(), .link = Verdict::kGood, .interface = "up0"}}};
    }
    // "backup active", in the order of the configuration.
    std::string states() const {
        std::string all;
        for (const GroupStatus& one : groups_->status())
            all += (all.empty() ? "" : " ") + std::string(name(one.state));
        return all;
    }
    void await(const std::string& wanted) {
        wanted_ = wanted;
        if (states() != wanted)
            loop_.run();
        EXPECT_EQ(states(), wanted);
    }
    // An advert that lists the VIPs of both groups.
    void peer_says(std::uint8_t id, std::uint8_t priority) {
        const vrrp::Advert advert{
            .version = 3,
            .id = id,
            .priority = priority,
            .interval_ms = 10,
            .addresses = {parse_ip("10.0.0.100").value(), parse_ip("10.0.0.101").value()}};
        theirs_->send(vrrp::encode(advert, kPeer, kAll, vrrp::ChecksumForm::kWithPseudoHeader),
                      kPeer, kAll);
    }
    // The last priority that the peer has heard, by id.
    std::map<int, int> heard_by_peer() {
        std::map<int, int> heard;
        theirs_->drain([&](const net::ReceivedAdvert& one) {
            const auto decoded = vrrp::decode(one.payload, one.source, one.destination, one.ttl);
            const auto& advert = std::get<vrrp::Advert>(decoded);
            heard[advert.id] = advert.priority;
        });
        return heard;
    }
    abi::LeaseState lease(std::size_t index) const {
        return abi::Claim::unpack(leases_->groups[index].claim.load()).state;
    }
    std::uint64_t discards(const std::string& group, vrrp::Discard why) const {
        for (const GroupStatus& one : groups_->status()) {
            if (one.name == group)
                return one.discards[static_cast<std::size_t>(why)];
        }
        return 0;
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<net::Peer> peer_;
    std::optional<net::AdvertSocket> theirs_;
    Loop loop_;
    test::Deadline deadline_{loop_};
    config::Config config_;
    table::Tables tables_;
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    bool dataplane_forwards_ = true;
    int lease_reports_ = 0;
    std::vector<std::string> recorded_;
    std::string wanted_;
    std::optional<Groups> groups_;
};

TEST_F(GroupsTest, AnIneligibleGroupMakesTheOthersOfItsSetIneligible) {
    await("active active");
    ASSERT_TRUE(updated(groups_->set_enabled("edge", false)));
    EXPECT_EQ(states(), "down down");
    EXPECT_EQ(groups_->status()[1].hindrances,
              (std::vector<Hindrance>{{Hindrance::Kind::kSyncSet, "'edge' of sync_set 'all'"}}));
    EXPECT_EQ(lease(1), abi::LeaseState::kResigned);
    ASSERT_TRUE(updated(groups_->set_enabled("edge", true)));
    await("active active");
}

TEST_F(GroupsTest, TransitionsAreRecorded) {
    ASSERT_FALSE(recorded_.empty());
    EXPECT_TRUE(recorded_[0].starts_with("group edge: down -> ")) << recorded_[0];
}

TEST_F(GroupsTest, GroupsOfDifferentSetsAreIndependent) {
    config_.groups[1].sync_set = "others";
    configure();
    await("active active");
    ASSERT_TRUE(updated(groups_->set_enabled("edge", false)));
    EXPECT_EQ(states(), "down active");
    EXPECT_EQ(lease(1), abi::LeaseState::kOwner);
}

TEST_F(GroupsTest, AHandoverIncludesAllActiveGroupsOfTheSet) {
    await("active active");
    ASSERT_TRUE(updated(groups_->hand_over("core")));
    EXPECT_EQ(states(), "handing_over handing_over");
    const Result<void> again = updated(groups_->hand_over("core"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, "group 'core' is not active here");
    await("active active");  // no peer takes over
}

TEST_F(GroupsTest, ACommandForAnUnknownGroupIsAnError) {
    const Result<void> done = updated(groups_->set_priority("edges", 1));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "there is no group named 'edges'");
}

TEST_F(GroupsTest, AnAdvertGoesToTheGroupOfItsIdAndAnUnknownIdIsCountedByAll) {
    await("active active");
    peer_says(53, 200);
    peer_says(52, 200);
    await("active backup");
    await("active active");
    peer_says(51, 200);
    await("backup active");
    EXPECT_EQ(discards("edge", vrrp::Discard::kUnknownId), 1u);
    EXPECT_EQ(discards("core", vrrp::Discard::kUnknownId), 1u);
    for (const GroupStatus& one : groups_->status())
        EXPECT_EQ(one.warnings.at(0).reason, "unknown_id") << "its VIPs are listed";
}

TEST_F(GroupsTest, ControlResignsForADataplaneThatDoesNotForward) {
    await("active active");
    EXPECT_TRUE(heard_by_peer().empty()) << "the dataplane sends the adverts";
    dataplane_forwards_ = false;
    update();
    EXPECT_EQ(states(), "down down");
    EXPECT_EQ(heard_by_peer(), (std::map<int, int>{{51, 0}, {52, 0}}));
}

TEST_F(GroupsTest, EachChangeOfLeasesIsReportedAndNothingElse) {
    await("active active");
    EXPECT_GE(lease_reports_, 1);
    const int before = lease_reports_;
    update();
    EXPECT_EQ(lease_reports_, before) << "the leases were renewed, but have not changed";
    ASSERT_TRUE(updated(groups_->set_priority("edge", 150)));
    EXPECT_EQ(lease_reports_, before + 1);
    config_.groups.pop_back();
    configure();
    EXPECT_EQ(lease_reports_, before + 2) << "the removed group has resigned";
}

TEST_F(GroupsTest, AGroupThatIsRemovedGivesItsVipsUp) {
    await("active active");
    config_.groups.pop_back();
    configure();
    EXPECT_EQ(states(), "active");
    EXPECT_EQ(lease(1), abi::LeaseState::kResigned);
    EXPECT_EQ(leases_->groups[1].expires_ns.load(), 0u) << "nothing to adopt";
}

TEST_F(GroupsTest, LocalVipsAreThoseOfGroupsWithKernelAddress) {
    config_.groups[1].kernel_address = true;
    config_.groups[1].hold_ms = 1500;
    configure();
    await("active active");
    const LocalVips expected{.group = "core",
                             .interface = "up0",
                             .vips = config_.groups[1].vips,
                             .owned = true,
                             .hold_s = 2};
    EXPECT_EQ(groups_->local_vips(), std::vector{expected});
}

}  // namespace
}  // namespace vipfwd::group
