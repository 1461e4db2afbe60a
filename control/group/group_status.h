// SPDX-License-Identifier: Apache-2.0
// The state of a group and its election at one moment, as it is shown. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/group/eligibility.h"
#include "control/group/tracks.h"
#include "control/group/warnings.h"
#include "control/vrrp/discard.h"
#include "control/vrrp/state.h"
#include "dataplane/abi/address.h"

namespace vipfwd::group {

// The VIPs of a group with kernel_address, as addresses of a kernel interface.
struct KernelAddressStatus {
    std::size_t present = 0;    // VIPs that the interface has
    std::uint64_t repairs = 0;  // VIPs that somebody had removed and control has added again
    std::string problem = {};   // why VIPs are missing, for people; or empty
};

struct GroupStatus {
    enum class Authentication : std::uint8_t {
        kNone,
        kOptional,  // adverts are signed, but unauthenticated ones are accepted as well
        kRequired
    };
    // The last advert from a peer that was not discarded.
    struct LastAdvert {
        IpAddress source;
        std::uint8_t priority = 0;
        std::uint32_t interval_ms = 0;
        bool same_vips = true;  // it lists the VIPs that an advert of ours would
        std::uint64_t age_ms = 0;
    };
    struct Transition {
        std::uint64_t age_ms = 0;
        vrrp::State from = vrrp::State::kDown;
        vrrp::State to = vrrp::State::kDown;
        vrrp::Cause cause = vrrp::Cause::kNone;
    };

    std::string name = {};
    std::string port = {};
    std::uint32_t id = 0;
    bool is_v4 = true;
    std::uint8_t version = 3;
    vrrp::State state = vrrp::State::kDown;
    vrrp::Cause cause = vrrp::Cause::kNone;          // of the state
    std::optional<std::uint64_t> state_age_ms = {};  // nullopt: the election has not started
    std::uint8_t effective_priority = 0;             // 0: ineligible
    std::uint8_t configured_priority = 0;
    std::optional<std::uint8_t> chosen_priority = {};  // by the operator, instead
    std::vector<Hindrance> hindrances = {};
    std::vector<TrackState> tracks = {};  // in the order of the configuration
    std::uint32_t advert_interval_ms = 0;
    IpAddress source = {};  // of the group's adverts; none: its port has no address
    Authentication authentication = Authentication::kNone;
    std::uint64_t unverified_adverts = 0;  // accepted although they are not authentic
    std::size_t vips = 0;
    bool accept = true;
    std::optional<KernelAddressStatus> kernel_address = {};  // nullopt: not configured
    std::optional<LastAdvert> last_advert = {};
    std::uint64_t adverts_received = 0;                            // that were not discarded
    std::array<std::uint64_t, vrrp::kDiscardCount> discards = {};  // by Discard
    std::vector<Transition> transitions = {};                      // newest first
    std::vector<Warning> warnings = {};                            // oldest first
};

// A group that is active here, as far as it matters to conflicts about its VIPs. Times are of
// CLOCK_MONOTONIC.
struct ActiveGroup {
    std::int64_t since_ns = 0;
    std::optional<std::int64_t> rival_heard_ns = {};  // the last advert of another gateway
    std::uint32_t advert_interval_ms = 0;
};

// The advertised address of the gateway that owns the VIPs, as far as this one knows: its own, or
// that of the peer which it follows. nullopt: unknown.
std::optional<IpAddress> owner_of(const GroupStatus& status);

}  // namespace vipfwd::group
