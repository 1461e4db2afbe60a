// SPDX-License-Identifier: Apache-2.0
// A group with its lease and a clock that the test sets. Numbers are those of
// vrrp::sample: priority 100, an advert each 1280 ms, takes over 4620 ms after the last one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "control/group/group.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::group {

using abi::Claim;
using abi::LeaseState;
using vrrp::sample::advert;
using vrrp::sample::kActiveDown;
using vrrp::sample::kInterval;
using vrrp::sample::kInterval_ms;
using vrrp::sample::kLarger;
using vrrp::sample::kMs;
using vrrp::sample::kOurs;
using vrrp::sample::kSkew;
using vrrp::sample::kSmaller;
using vrrp::sample::kStart;

inline constexpr std::int64_t kHold = 10'000 * kMs;
inline constexpr std::int64_t kPulse = 50 * kMs;

inline config::Group edge() {
    config::Group made;
    made.name = "edge";
    made.port = "uplink";
    made.id = 51;
    made.advert_interval_ms = kInterval_ms;
    made.vips = {*parse_ip("10.0.0.100"), *parse_ip("10.0.0.101")};
    made.hold_ms = 10'000;
    return made;
}

inline void ignore_event(const events::Event&) {}

class GroupTest : public testing::Test {
  protected:
    static constexpr std::uint16_t kLease = 7;

    // As in the region, which is all zero at first.
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    GroupInputs inputs_{.leases = leases_.get(),
                        .lease = kLease,
                        .source = kOurs,
                        .mtu = 1500,
                        .dataplane_forwards = true,
                        .link = Verdict::kGood};
    config::Group config_ = edge();
    std::int64_t now_ = kStart;
    std::unique_ptr<Group> group_ = std::make_unique<Group>(config_, ignore_event);

    abi::GroupLease& lease() { return leases_->groups[kLease]; }
    Claim claim() const { return Claim::unpack(leases_->groups[kLease].claim.load()); }
    LeaseState state_for_dataplane() const {
        return leases_->groups[kLease].at(static_cast<std::uint64_t>(now_)).state;
    }
    std::int64_t expires() const {
        return static_cast<std::int64_t>(leases_->groups[kLease].expires_ns.load());
    }
    std::string state() const { return std::string(name(group_->status(now_).state)); }
    std::string cause() const { return std::string(name(group_->status(now_).cause)); }
    std::string hindrances() const {
        std::string all;
        for (const Hindrance& one : group_->status(now_).hindrances)
            all += (all.empty() ? "" : ", ") + to_string(one);
        return all;
    }

    void update() { group_->update(inputs_, now_); }
    void configure() { group_->configure(config_, now_); }
    static net::ReceivedAdvert from(const IpAddress& source, std::int64_t received_ns) {
        net::ReceivedAdvert received;
        received.source = source;
        received.received_ns = received_ns;
        return received;
    }
    // Passes an advert that is read as soon as it arrives.
    void hear(std::uint8_t priority, const IpAddress& source = kLarger,
              std::uint32_t interval_ms = kInterval_ms) {
        group_->on_advert(advert(priority, interval_ms), from(source, now_), now_);
    }
    // Calls the group as Groups does, up to `until`; no peer advertises.
    void pass(std::int64_t until) {
        while (now_ < until) {
            now_ = std::min({until, now_ + kPulse, std::max(now_ + 1, group_->deadline_ns())});
            group_->on_deadline(now_);
            update();
        }
    }
    void start_as_backup() {
        update();
        ASSERT_EQ(state(), "backup");
        (void)written();
    }
    void start_as_active() {
        update();
        pass(group_->deadline_ns());
        ASSERT_EQ(state(), "active");
        (void)written();
    }
    // Another control takes over, with the configuration as it is now.
    void restart_control() {
        group_ = std::make_unique<Group>(config_, ignore_event);
        update();
    }

    // What became of the claim since the last call: "owner 100 +advert +announcement". Nothing if
    // nothing was stored.
    std::string written() {
        const Claim before = std::exchange(seen_, claim());
        const std::uint64_t changes = leases_->changes.load() - seen_changes_;
        seen_changes_ += changes;
        if (changes == 0 && before == seen_)
            return "";
        static constexpr const char* kNames[] = {"backup", "owner", "handing_over", "resigned"};
        static_assert(std::size(kNames) == abi::kEnumCount<abi::LeaseState>);
        std::string text = kNames[static_cast<std::size_t>(seen_.state)];
        text += " " + std::to_string(seen_.priority);
        if (seen_.state == LeaseState::kOwner && seen_.epoch != before.epoch)
            text += " +advert";
        if (seen_.announcement != before.announcement)
            text += " +announcement";
        if (changes != 1)
            text += " in " + std::to_string(changes) + " changes";
        return text;
    }

  private:
    Claim seen_;
    std::uint64_t seen_changes_ = 0;
};

}  // namespace vipfwd::group
