// SPDX-License-Identifier: Apache-2.0
// Adverts of a group that has a key, see dataplane/abi/advert_auth.h.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "control/gateway/group.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

// Whose clock to look at; empty if that is not the matter.
std::string difference_of_clocks(const vrrp::Authentication& judged) {
    if (judged.discard != vrrp::Discard::kStale)
        return {};
    return fmt::format(": it is {} s {}", std::abs(judged.ahead_ns / kNanosecondsPerS),
                       judged.ahead_ns > 0 ? "ahead" : "behind");
}

}  // namespace

vrrp::Authentication Group::judge(const net::ReceivedAdvert& received) {
    const auto with = [&](const abi::HmacKey& key) {
        return vrrp::authenticate(
            received.payload, received.source, received.destination, config_.name, key, signer_,
            vrrp::ReceivedSequences(situation_.leases->received_sequences), received.wall_ns);
    };
    const vrrp::Authentication judged = with(*config_.auth_key);
    if (judged.discard == vrrp::Discard::kBadMac && config_.auth_second_key)
        return with(*config_.auth_second_key);
    return judged;
}

bool Group::is_authentic(const net::ReceivedAdvert& received, std::int64_t now_ns) {
    if (!config_.auth_key)
        return true;
    if (situation_.leases == nullptr)
        return false;
    const vrrp::Authentication judged = judge(received);
    if (!judged.discard)
        return true;
    std::int64_t& warned_ns = warned_of_ns_[static_cast<std::size_t>(*judged.discard)];
    if (now_ns - warned_ns >= kBetweenWarnings_ns) {
        warned_ns = now_ns;
        spdlog::warn("group '{}': an advert of {} {}: {} ({}){}", config_.name,
                     to_string(received.source),
                     config_.auth_required ? "does not count"
                                           : "counts only as long as auth_required is false",
                     vrrp::name(*judged.discard), vrrp::description(*judged.discard),
                     difference_of_clocks(judged));
    }
    if (config_.auth_required)
        discard(*judged.discard);
    else
        ++unverified_;
    return !config_.auth_required;
}

bool Group::sign(std::span<std::uint8_t> payload, const IpAddress& destination,
                 std::int64_t wall_ns) {
    if (!config_.auth_key)
        return true;
    abi::GroupLease* const own = lease();
    if (own == nullptr || situation_.status == nullptr)
        return false;
    const std::uint64_t sequence = abi::take_next_sequence(
        own->last_sequence, situation_.status->last_sequence[situation_.lease], wall_ns);
    return signer_.sign(payload, source(), destination, *config_.auth_key, sequence);
}

}  // namespace vipfwd::gateway
