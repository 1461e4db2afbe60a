// SPDX-License-Identifier: Apache-2.0
// Gateways of one group on a network that loses and delays, on a clock of 1 ms steps. Each has an
// Election, and a dataplane that advertises while it is active.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "control/vrrp/election.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp::sample {

inline constexpr std::uint32_t kSimulatedInterval_ms = 100;
inline constexpr std::int64_t kSimulatedInterval = kSimulatedInterval_ms * kMs;

struct Weather {
    std::uint32_t lost_percent = 0;
    std::uint32_t delay_ms = 5;            // at most
    bool in_order = true;                  // between two gateways
    std::optional<std::size_t> deaf = {};  // a gateway that receives nothing
    // How often (in 10,000 steps) a fault happens to a gateway.
    std::uint32_t mishaps = 0;
};

class Simulation {
  public:
    Simulation(const std::vector<ElectionSettings>& gateways, std::uint32_t seed) : random_(seed) {
        for (const ElectionSettings& settings : gateways) {
            gateways_.emplace_back(settings);
            apply(gateways_.back(), gateways_.back().election.start(now_));
        }
    }

    void run(std::int64_t duration_ns, const Weather& weather) {
        weather_ = weather;
        for (const std::int64_t end = now_ + duration_ns; now_ < end; now_ += kMs)
            step();
    }

    // Ends all faults: every gateway runs and is eligible.
    void repair() {
        for (Gateway& gateway : gateways_) {
            gateway.paused_until = now_;
            if (!gateway.up)
                restart(gateway);
            apply(gateway,
                  gateway.election.set_priority(gateway.settings.priority, now_, Cause::kOperator));
        }
    }
    void allow_preempt() {
        for (Gateway& gateway : gateways_)
            gateway.election.allow_preempt();
    }
    void crash(std::size_t index) { gateways_[index].up = false; }
    void stop(std::size_t index) {
        apply(gateways_[index], gateways_[index].election.stop(now_));
        gateways_[index].up = false;
    }
    void hand_over(std::size_t index) {
        apply(gateways_[index], gateways_[index].election.hand_over(now_));
    }

    // The gateways that answer for the VIPs.
    std::vector<std::size_t> owners() const {
        std::vector<std::size_t> owners;
        for (std::size_t i = 0; i < gateways_.size(); ++i) {
            if (gateways_[i].up && owns(gateways_[i].election.state()))
                owners.push_back(i);
        }
        return owners;
    }
    // The gateway that clients send to.
    IpAddress last_announcer() const { return last_announcer_; }
    int takeovers() const { return takeovers_; }
    // Takeovers although a higher priority was received in time, or before the skew had passed.
    int unfounded() const { return unfounded_; }

  private:
    struct Received {
        Advert advert;
        IpAddress source;
        std::int64_t at;
    };
    struct Gateway {
        explicit Gateway(const ElectionSettings& from) : settings(from), election(from) {}

        ElectionSettings settings;
        Election election;
        bool up = true;
        std::int64_t paused_until = 0;  // control; the dataplane always runs
        std::int64_t next_advert = kNever;
        std::vector<Received> in_flight;
        std::int64_t higher_at = 0;    // when such an advert was received
        std::int64_t resigned_at = 0;  // the first since then
    };

    void step() {
        for (Gateway& gateway : gateways_) {
            meet_mishap(gateway);
            if (!gateway.up)
                continue;
            if (gateway.election.state() == State::kActive && now_ >= gateway.next_advert)
                advertise(gateway, gateway.election.priority());
            if (now_ < gateway.paused_until)
                continue;
            receive(gateway);
            apply(gateway, gateway.election.on_deadline(now_));
        }
    }

    // In the order of arrival, as from a socket.
    void receive(Gateway& gateway) {
        std::vector<Received> due = std::exchange(gateway.in_flight, {});
        std::stable_sort(due.begin(), due.end(),
                         [](const Received& a, const Received& b) { return a.at < b.at; });
        for (const Received& received : due) {
            if (received.at > now_) {
                gateway.in_flight.push_back(received);
                continue;
            }
            note(gateway, received);
            apply(gateway,
                  gateway.election.on_advert(received.advert, received.source, received.at, now_));
        }
    }

    static void note(Gateway& gateway, const Received& received) {
        if (received.advert.priority > gateway.election.priority()) {
            gateway.higher_at = received.at;
            gateway.resigned_at = kNever;
        } else if (received.advert.priority == kResignPriority) {
            gateway.resigned_at = std::min(gateway.resigned_at, received.at);
        }
    }

    void apply(Gateway& gateway, const Decision& decision) {
        if (decision.became_active)
            judge(gateway);
        if (decision.announce)
            last_announcer_ = gateway.settings.source;
        if (decision.advertise || decision.readvertise)
            advertise(gateway, gateway.election.priority());
        if (decision.resign)
            advertise(gateway, kResignPriority);
    }

    void judge(const Gateway& gateway) {
        ++takeovers_;
        const std::int64_t skew = (256 - gateway.settings.priority) * kSimulatedInterval / 256;
        const bool silent = now_ >= gateway.higher_at + 3 * kSimulatedInterval + skew;
        const bool resigned = gateway.resigned_at != kNever && now_ >= gateway.resigned_at + skew;
        unfounded_ += silent || resigned ? 0 : 1;
    }

    void advertise(Gateway& from, std::uint8_t priority) {
        from.next_advert = now_ + kSimulatedInterval;
        for (Gateway& to : gateways_) {
            const bool is_deaf = weather_.deaf && &to == &gateways_[*weather_.deaf];
            if (&to == &from || is_deaf || random_() % 100 < weather_.lost_percent)
                continue;
            std::int64_t at = now_ + random_() % (weather_.delay_ms + 1) * kMs;
            for (const Received& before : to.in_flight) {
                if (weather_.in_order && before.source == from.settings.source)
                    at = std::max(at, before.at);
            }
            to.in_flight.push_back({.advert = advert(priority, kSimulatedInterval_ms),
                                    .source = from.settings.source,
                                    .at = at});
        }
    }

    void meet_mishap(Gateway& gateway) {
        if (weather_.mishaps == 0 || random_() % 10'000 >= weather_.mishaps)
            return;
        if (!gateway.up)
            return restart(gateway);
        switch (random_() % 5) {
            case 0:
                gateway.up = false;
                return;
            case 1:
                gateway.paused_until = now_ + random_() % 1000 * kMs;
                return;
            case 2:
                return apply(gateway, gateway.election.set_priority(0, now_, Cause::kDataplane));
            case 3:
                return apply(gateway, gateway.election.set_priority(gateway.settings.priority, now_,
                                                                    Cause::kDataplane));
            default:
                return apply(gateway, gateway.election.hand_over(now_));
        }
    }

    void restart(Gateway& gateway) {
        gateway = Gateway(gateway.settings);
        apply(gateway, gateway.election.start(now_));
    }

    std::mt19937 random_;
    Weather weather_;
    std::int64_t now_ = kStart;
    std::vector<Gateway> gateways_;
    int takeovers_ = 0;
    int unfounded_ = 0;
    IpAddress last_announcer_;
};

}  // namespace vipfwd::vrrp::sample
