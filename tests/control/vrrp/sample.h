// SPDX-License-Identifier: Apache-2.0
// Elections with round numbers, and decisions as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/vrrp/election.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::vrrp::sample {

using Priorities = std::vector<std::uint8_t>;

inline constexpr std::int64_t kMs = kNanosecondsPerMs;
inline constexpr std::uint32_t kInterval_ms = 1280;
inline constexpr std::int64_t kInterval = kInterval_ms * kMs;
// Of priority 100: (256 - 100) / 256 x 1280 ms.
inline constexpr std::int64_t kSkew = 780 * kMs;
inline constexpr std::int64_t kActiveDown = 3 * kInterval + kSkew;
inline constexpr std::int64_t kStart = 1'000'000 * kMs;

inline const IpAddress kSmaller = *parse_ip("10.0.0.9");
inline const IpAddress kOurs = *parse_ip("10.0.0.10");
inline const IpAddress kLarger = *parse_ip("10.0.1.1");

inline ElectionSettings settings() {
    ElectionSettings settings;
    settings.id = 51;
    settings.priority = 100;
    settings.advert_interval_ms = kInterval_ms;
    settings.source = kOurs;
    return settings;
}

inline Advert advert(std::uint8_t priority, std::uint32_t interval_ms = kInterval_ms) {
    return {.version = 3,
            .id = 51,
            .priority = priority,
            .interval_ms = interval_ms,
            .addresses = {*parse_ip("10.0.0.100")}};
}

// A backup since kStart that has received nothing.
inline Election backup(const ElectionSettings& from = settings()) {
    Election election(from);
    (void)election.start(kStart);
    return election;
}

// Active since kStart.
inline Election active(const ElectionSettings& from = settings()) {
    Election election(from);
    (void)election.start(kStart - 1'000'000 * kMs);
    (void)election.on_deadline(election.deadline_ns());
    const ElectionState standing = election.election_state();
    Election adopted(from);
    (void)adopted.adopt(standing, kStart);
    return adopted;
}

// Passes an advert that is read as soon as it arrives.
inline Decision hear(Election& election, std::uint8_t priority, std::int64_t now_ns,
                     const IpAddress& source = kLarger, std::uint32_t interval_ms = kInterval_ms) {
    return election.on_advert(advert(priority, interval_ms), source, now_ns, now_ns);
}

// "advertise announce became_active: silence"; empty if nothing has to be done.
inline std::string words(const Decision& decision) {
    if (decision.discard)
        return "discard: " + std::string(name(*decision.discard));
    std::string text;
    const auto add = [&](bool flag, const char* word) {
        if (flag)
            text += (text.empty() ? "" : " ") + std::string(word);
    };
    add(decision.advertise, "advertise");
    add(decision.resign, "resign");
    add(decision.announce, "announce");
    add(decision.became_active, "became_active");
    add(decision.left_active, "left_active");
    add(decision.readvertise, "insist");
    if (decision.cause != Cause::kNone)
        text += ": " + std::string(name(decision.cause));
    return text;
}

}  // namespace vipfwd::vrrp::sample
