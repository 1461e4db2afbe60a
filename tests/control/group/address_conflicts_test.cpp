// SPDX-License-Identifier: Apache-2.0
#include "control/group/address_conflicts.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

constexpr std::int64_t kMillisecond = kNanosecondsPerMs;
constexpr std::int64_t kDelay_ns = static_cast<std::int64_t>(abi::kConflictDelay_ns);
constexpr std::uint16_t kOwnedLease = 7;

// 10.0.0.100 is a VIP of a group that this gateway owns, 10.0.0.101 of none.
class AddressConflictsTest : public testing::Test {
  protected:
    AddressConflictsTest() {
        in_force_.vips.resize(2);
        in_force_.vips[0].address = *parse_ip("10.0.0.100");
        in_force_.vips[0].lease = kOwnedLease;
        in_force_.vips[1].address = *parse_ip("10.0.0.101");
        in_force_.vips[1].lease = abi::kNoGroup;
        booted_->port_count = 1;
        std::strcpy(booted_->ports[0].name, "uplink");
    }

    // The dataplane sees a frame of another host.
    void see(const char* vip, abi::ConflictKind kind = abi::ConflictKind::kUses,
             std::uint8_t number = 0x77, std::uint8_t port = 0) {
        status_->conflicts[3].write({.vip = *parse_ip(vip),
                                     .sender = {{2, 0, 0, 0, 0, number}},
                                     .port = port,
                                     .kind = kind,
                                     .at_ns = static_cast<std::uint64_t>(now_ns_)});
    }
    void observe() {
        conflicts_.observe({.status = *status_,
                            .booted = *booted_,
                            .leases = *leases_,
                            .in_force = in_force_,
                            .senders = std::exchange(senders_, {}),
                            .active_by =
                                [this](std::uint16_t lease) {
                                    EXPECT_EQ(lease, kOwnedLease);
                                    return active_;
                                },
                            .now_ns = now_ns_});
    }
    // A steering program sees one.
    void see_in_kernel(const char* vip, const char* port = "uplink", std::uint8_t number = 0x77) {
        senders_.emplace_back(port, bpf::VipSender{.vip = *parse_ip(vip),
                                                   .mac = {{2, 0, 0, 0, 0, number}},
                                                   .at_ns = static_cast<std::uint64_t>(now_ns_)});
    }
    void pass(std::int64_t duration_ns) {
        observe();
        now_ns_ += duration_ns;
        observe();
    }
    // "address_conflict 10.0.0.100", one a line.
    std::string warnings() const {
        std::string all;
        for (const Warning& one : conflicts_.warnings(now_ns_))
            all += one.reason + " " + to_string(one.vip) + "\n";
        return all;
    }

    std::int64_t now_ns_ = 1'000'000 * kMillisecond;
    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
    std::unique_ptr<abi::BootParameters> booted_ = std::make_unique<abi::BootParameters>();
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    table::Tables in_force_;
    std::vector<std::pair<std::string, bpf::VipSender>> senders_;
    std::optional<ActiveGroup> active_ = ActiveGroup{.advert_interval_ms = 10};
    AddressConflicts conflicts_;
};

TEST_F(AddressConflictsTest, AConflictBecomesAWarningAfterADelayAndGoesAway) {
    see("10.0.0.100");
    pass(kDelay_ns - 1);
    EXPECT_EQ(warnings(), "");
    pass(1);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.100\n");
    const Warning warning = conflicts_.warnings(now_ns_)[0];
    EXPECT_EQ(warning.source, "02:00:00:00:00:77");
    EXPECT_EQ(
        warning.text,
        "02:00:00:00:00:77 on port 'uplink' uses 10.0.0.100, which this gateway owns: clients "
        "may reach that host instead; remove the address there (a former owner, a copy of a "
        "machine, or a router with proxy ARP)");
    pass(Warnings::kLasts_ns);
    EXPECT_EQ(warnings(), "");
}

TEST_F(AddressConflictsTest, TheNextOwnerIsNoConflict) {
    see("10.0.0.100");
    observe();
    active_ = std::nullopt;
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "");
    active_ = ActiveGroup{};
    see("10.0.0.100");
    observe();
    active_->since_ns = now_ns_ + kMillisecond;
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "") << "it has left and come back meanwhile";
    see("10.0.0.101");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.101\n") << "a VIP of no group stays";
}

TEST_F(AddressConflictsTest, AProbeIsAnotherWarning) {
    see("10.0.0.100", abi::ConflictKind::kProbes);
    see("10.0.0.100", abi::ConflictKind::kUses);
    see("10.0.0.101", abi::ConflictKind::kUses, 0x78, 200);
    pass(kDelay_ns);
    EXPECT_EQ(warnings(),
              "address_probe 10.0.0.100\naddress_conflict 10.0.0.100\n"
              "address_conflict 10.0.0.101\n");
    EXPECT_NE(conflicts_.warnings(now_ns_)[0].text.find("asked whether 10.0.0.100 is free"),
              std::string::npos);
    EXPECT_NE(conflicts_.warnings(now_ns_)[2].text.find("on a port that is gone"),
              std::string::npos);
}

TEST_F(AddressConflictsTest, AConflictThatGoesOnIsCounted) {
    for (int i = 0; i < 5; ++i) {
        see("10.0.0.100");
        pass(kDelay_ns);
    }
    EXPECT_EQ(conflicts_.warnings(now_ns_).size(), 1u);
    EXPECT_EQ(conflicts_.warnings(now_ns_)[0].count, 5u);
}

TEST_F(AddressConflictsTest, WhatIsOldOrUnknownIsLeftOut) {
    see("10.0.0.9");
    see("10.0.0.100");
    now_ns_ += Warnings::kLasts_ns + kMillisecond;
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "") << "a former control has read it";
    see("10.0.0.9");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "") << "not a VIP any more";
    in_force_.vips[1].lease = abi::kNeverOwned;
    see("10.0.0.101");
    see_in_kernel("10.0.0.101");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "") << "nobody's here";
}

TEST_F(AddressConflictsTest, WhatASteeringProgramSawIsDefendedToo) {
    see_in_kernel("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.100\n");
    EXPECT_EQ(leases_->conflicts.written.load(), 1u);
    const abi::AddressConflict told = leases_->conflicts.read(0);
    EXPECT_EQ(told.vip, *parse_ip("10.0.0.100"));
    EXPECT_EQ(told.port, 0);
}

TEST_F(AddressConflictsTest, OfWhatASteeringProgramSawOwnFramesAndFormerOwnersAreLeftOut) {
    status_->ports[5].mac.store(0x9900'0000'0002);
    see_in_kernel("10.0.0.100", "uplink", 0x99);
    see_in_kernel("10.0.0.100", "downlink");
    see_in_kernel("10.0.0.9");
    active_ = std::nullopt;
    see_in_kernel("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "");
    active_ =
        ActiveGroup{.since_ns = now_ns_ - static_cast<std::int64_t>(abi::kFormerOwner_ns) + 1};
    see_in_kernel("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "");
    EXPECT_EQ(leases_->conflicts.written.load(), 0u);
    see_in_kernel("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.100\n");
}

// After a partition, and while it lasts in one direction. A peer that is not heard is reported.
TEST_F(AddressConflictsTest, ARivalThatIsHeardIsLeftToTheElection) {
    see("10.0.0.100");
    see("10.0.0.101");
    active_->rival_heard_ns = now_ns_ + 10 * kMillisecond;
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.101\n") << "a VIP of no group has none";
    now_ns_ = *active_->rival_heard_ns + kDelay_ns + kMillisecond;
    see("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "address_conflict 10.0.0.101\naddress_conflict 10.0.0.100\n");
    now_ns_ += Warnings::kLasts_ns;
    active_ = ActiveGroup{.rival_heard_ns = now_ns_ - 3 * kDelay_ns, .advert_interval_ms = 1000};
    see("10.0.0.100");
    pass(kDelay_ns);
    EXPECT_EQ(warnings(), "") << "within 3 intervals";
}

TEST_F(AddressConflictsTest, AFloodIsBounded) {
    for (int i = 0; i < 100'000; ++i) {
        now_ns_ += kMillisecond;
        see("10.0.0.100", abi::ConflictKind::kUses, static_cast<std::uint8_t>(i));
        if (i % 5 == 0)
            observe();
    }
    pass(kDelay_ns);
    EXPECT_EQ(conflicts_.warnings(now_ns_).size(), Warnings::kMost);
}

}  // namespace
}  // namespace vipfwd::group
