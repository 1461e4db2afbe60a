// SPDX-License-Identifier: Apache-2.0
// A gateway with one group, and what its AdvertScheduler sends.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "dataplane/abi/time_units.h"
#include "dataplane/packet/advert_scheduler.h"
#include "dataplane/packet/announce.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {

using abi::Claim;
using abi::LeaseState;

inline constexpr std::uint64_t kMs = kNanosecondsPerMs;
inline constexpr std::uint16_t kLease = 3;
inline constexpr std::uint32_t kVrrpOffset = 34;
inline constexpr std::uint32_t kInterval_ms = 10;

// A frame that was sent: an advert with its priority, or the announcement of a VIP.
struct Sent {
    int priority = -1;
    IpAddress vip;
    std::uint64_t at_ms = 0;
};

// One group with two peers and the VIPs 10.0.0.100 and fd00::100 of the sample.
class AdvertSchedulerTest : public ::testing::Test {
  protected:
    AdvertSchedulerTest() {
        abi::Generation& generation = world_.generation();
        generation.header.group_count = 1;
        generation.header.advert_count = 2;
        abi::GroupEntry& group = generation.groups[0];
        group.lease = kLease;
        group.advert_interval_ms = kInterval_ms;
        group.announce_interval_s = 30;
        group.advert_count = 2;
        for (std::uint32_t i = 0; i < 2; ++i) {
            abi::AdvertEntry& advert = generation.adverts[i];
            advert.bytes = 46;
            advert.vrrp_offset = kVrrpOffset;
            std::uint8_t* const vrrp = advert.frame + kVrrpOffset;
            const std::uint8_t header[] = {0x31, 51, 0, 1, 0, 1, 0, 0, 10, 0, 0, 100};
            std::memcpy(vrrp, header, sizeof header);
            store(vrrp + 6, internet_checksum({vrrp, sizeof header}));
        }
        generation.vips[0].lease = kLease;
        generation.vips[3].lease = kLease;
    }

    void claim(LeaseState state, std::uint8_t priority = 200) {
        claim_.state = state;
        claim_.priority = priority;
        ++claim_.epoch;
        store_claim();
    }
    void store_claim() {
        leases_->groups[kLease].claim.store(claim_.pack());
        leases_->groups[kLease].expires_ns.store(expires_ms_ * kMs);
    }

    // Sends everything that is due now.
    std::vector<Sent> send_due(bool healthy = true) {
        scheduler_.update(world_.tables(), *leases_, now_ms_ * kMs, healthy);
        std::vector<Sent> all;
        std::uint8_t frame[abi::kAdvertBytes];
        while (const auto outgoing = scheduler_.next(world_.tables(), frame)) {
            EXPECT_EQ(outgoing->port, 0);
            all.push_back(decode({frame, outgoing->bytes}));
        }
        return all;
    }
    // Lets that many milliseconds pass, and sends what is due in each of them.
    std::vector<Sent> pass(std::uint64_t ms, bool healthy = true) {
        std::vector<Sent> all;
        for (std::uint64_t i = 0; i < ms; ++i) {
            ++now_ms_;
            const auto sent = send_due(healthy);
            all.insert(all.end(), sent.begin(), sent.end());
        }
        return all;
    }

    static constexpr std::uint64_t kNever_ms = AdvertScheduler::kNever / kMs;
    std::uint64_t next_update_ms() const {
        return scheduler_.next_update_ns(world_.tables(), *leases_) / kMs;
    }

    Sent decode(std::span<const std::uint8_t> frame) const {
        const auto ethernet = load<EthernetHeader>(frame, 0);
        Sent sent{.priority = -1, .vip = {}, .at_ms = now_ms_};
        if (ethernet.type.host() == kEtherTypeArp)
            sent.vip =
                IpAddress::from_v4(std::bit_cast<Be32>(load<ArpPacket>(frame, 14).target_ip));
        else if (ethernet.type.host() == kEtherTypeIpv6)
            sent.vip = load<Advertisement>(frame, 14).message.target;
        else
            sent.priority = priority_of(frame.subspan(kVrrpOffset));
        return sent;
    }
    static int priority_of(std::span<const std::uint8_t> vrrp) {
        EXPECT_EQ(internet_sum(vrrp), 0xffff);
        return vrrp[2];
    }

    static std::vector<Sent> adverts(const std::vector<Sent>& all) {
        std::vector<Sent> some;
        std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                     [](const Sent& sent) { return sent.priority >= 0; });
        return some;
    }
    static std::size_t announcements(const std::vector<Sent>& all) {
        return all.size() - adverts(all).size();
    }

    sample::World world_;
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    Claim claim_;
    std::uint64_t now_ms_ = 1'000'000;
    std::uint64_t expires_ms_ = 1'000'000'000;
    AdvertScheduler scheduler_;
};

}  // namespace vipfwd::packet
