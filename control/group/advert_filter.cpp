// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_filter.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "control/table/group_adverts.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::group {
namespace {

constexpr std::int64_t kWarningInterval_ns = 10 * kNanosecondsPerS;  // for each reason

// How far the sender's clock is off; empty if that is not the reason.
std::string clock_difference(const vrrp::Authentication& result) {
    if (result.discard != vrrp::Discard::kStale)
        return {};
    return fmt::format("; its clock is {} s {}", std::abs(result.ahead_ns / kNanosecondsPerS),
                       result.ahead_ns > 0 ? "ahead" : "behind");
}

}  // namespace

const vrrp::Advert* AdvertFilter::screen(const config::Group& group, const GroupInputs& inputs,
                                         const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                                         const IpAddress& source) {
    if (const auto* why = std::get_if<vrrp::Discard>(&decoded)) {
        count_discard(*why);
        return nullptr;
    }
    if (!group.peers.empty() && std::ranges::find(group.peers, source) == group.peers.end()) {
        count_discard(source == inputs.source ? vrrp::Discard::kOwnSource
                                              : vrrp::Discard::kNotPeer);
        return nullptr;
    }
    return &std::get<vrrp::Advert>(decoded);
}

bool AdvertFilter::authenticate(const config::Group& group, const GroupInputs& inputs,
                                const net::ReceivedAdvert& received, std::int64_t now_ns) {
    if (!group.auth_key)
        return true;
    if (inputs.leases == nullptr)
        return false;  // there is no place to remember the sequence in
    const vrrp::Authentication result = verify(group, inputs, received);
    if (!result.discard)
        return true;
    warn(group, received, result, now_ns);
    if (group.auth_required)
        count_discard(*result.discard);
    else
        ++unverified_;
    return !group.auth_required;
}

// While a key is being changed, adverts with the second key are authentic, too.
vrrp::Authentication AdvertFilter::verify(const config::Group& group, const GroupInputs& inputs,
                                          const net::ReceivedAdvert& received) {
    const auto with_key = [&](const abi::HmacKey& key) {
        return vrrp::authenticate(
            received.payload, received.source, received.destination, group.name, key, verifier_,
            vrrp::ReceivedSequences(inputs.leases->received_sequences), received.wall_ns);
    };
    const vrrp::Authentication result = with_key(*group.auth_key);
    if (result.discard == vrrp::Discard::kBadMac && group.auth_second_key)
        return with_key(*group.auth_second_key);
    return result;
}

void AdvertFilter::warn(const config::Group& group, const net::ReceivedAdvert& received,
                        const vrrp::Authentication& result, std::int64_t now_ns) {
    std::int64_t& warned_at_ns = warned_at_ns_[static_cast<std::size_t>(*result.discard)];
    if (now_ns - warned_at_ns < kWarningInterval_ns)
        return;
    warned_at_ns = now_ns;
    spdlog::warn("group '{}': advert from {} {}: {} ({}){}", group.name, to_string(received.source),
                 group.auth_required ? "discarded" : "accepted only because auth_required is false",
                 vrrp::name(*result.discard), vrrp::description(*result.discard),
                 clock_difference(result));
}

void AdvertFilter::note_accepted(const config::Group& group, const GroupInputs& inputs,
                                 const vrrp::Advert& advert, const IpAddress& source,
                                 std::int64_t now_ns) {
    ++accepted_;
    if (advert.addresses == last_vips_)
        return;
    last_vips_ = advert.addresses;
    std::vector<IpAddress> theirs = advert.addresses;
    std::vector<IpAddress> ours =
        make_advert(table::advert_settings(group), advert.priority, inputs.mtu).addresses;
    std::ranges::sort(theirs);
    std::ranges::sort(ours);
    last_has_our_vips_ = theirs == ours;
    if (last_has_our_vips_ || now_ns - warned_of_vips_at_ns_ < kWarningInterval_ns)
        return;
    warned_of_vips_at_ns_ = now_ns;
    spdlog::warn(
        "group '{}': {} advertises other VIPs: {} are listed there, {} here; configure the same "
        "VIPs on both gateways",
        group.name, to_string(source), theirs.size(), ours.size());
}

}  // namespace vipfwd::group
