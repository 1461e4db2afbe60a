// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_filter.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "control/group/advert_texts.h"
#include "control/table/group_adverts.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

using vrrp::Discard;

constexpr std::string_view kOtherVips = "other_vips";  // the reason of a warning, beside Discard's

// The MTU of a peer's link may be smaller than that of ours, but hardly than this one (RFC 8200
// §5).
constexpr std::uint32_t kSmallestUsualMtu = 1280;

// How far the sender's clock is off; empty if that is not the reason.
std::string clock_difference(const vrrp::Authentication& result) {
    if (result.discard != Discard::kStale)
        return {};
    return fmt::format("; its clock is {} s {}", std::abs(result.ahead_ns / kNanosecondsPerS),
                       result.ahead_ns > 0 ? "ahead" : "behind");
}

std::string describe_unauthentic(const config::Group& group, const vrrp::Authentication& result,
                                 const IpAddress& source) {
    return fmt::format(
        "advert from {} {}: {} ({}){}", to_string(source),
        group.auth_required ? "discarded" : "accepted only because auth_required is false",
        vrrp::name(*result.discard), vrrp::description(*result.discard), clock_difference(result));
}

std::vector<IpAddress> sorted(std::vector<IpAddress> addresses) {
    std::ranges::sort(addresses);
    return addresses;
}

// The VIPs that an advert of ours lists, sorted.
std::vector<IpAddress> listed_by_us(const config::Group& group, const GroupInputs& inputs) {
    return sorted(
        make_advert(table::advert_settings(group), vrrp::kResignPriority, inputs.mtu).addresses);
}

// Whether the sender may have had more VIPs than the advert has room for.
bool may_be_cut_short(const vrrp::Advert& advert, const config::Group& group,
                      const GroupInputs& inputs) {
    const std::uint32_t mtu =
        inputs.mtu == 0 ? kSmallestUsualMtu : std::min(inputs.mtu, kSmallestUsualMtu);
    return advert.addresses.size() >= vrrp::max_listed(table::advert_settings(group), mtu);
}

}  // namespace

const vrrp::Advert* AdvertFilter::screen(const config::Group& group, const GroupInputs& inputs,
                                         const std::variant<vrrp::Advert, Discard>& decoded,
                                         const IpAddress& source, std::int64_t now_ns) {
    if (const auto* why = std::get_if<Discard>(&decoded)) {
        discard(group, *why, nullptr, source, now_ns);
        return nullptr;
    }
    const auto* const advert = &std::get<vrrp::Advert>(decoded);
    const bool is_from_peer =
        group.peers.empty() || std::ranges::find(group.peers, source) != group.peers.end();
    std::optional<Discard> why;
    if (advert->id != group.id)
        why = Discard::kUnknownId;
    else if (!is_from_peer)
        why = source == inputs.source ? Discard::kOwnSource : Discard::kNotPeer;
    if (!why)
        return advert;
    discard(group, *why, advert, source, now_ns);
    return nullptr;
}

AdvertFilter::Authenticity AdvertFilter::authenticate(const config::Group& group,
                                                      const GroupInputs& inputs,
                                                      const net::ReceivedAdvert& received,
                                                      std::int64_t now_ns) {
    if (!group.auth_key)
        return Authenticity::kUnverified;
    if (inputs.leases == nullptr)
        return Authenticity::kRejected;  // there is no place to remember the sequence in
    const vrrp::Authentication result = verify(group, inputs, received);
    if (!result.discard)
        return Authenticity::kVerified;
    warn(group, vrrp::name(*result.discard), received.source, now_ns, 0,
         [&] { return describe_unauthentic(group, result, received.source); });
    if (group.auth_required)
        count(*result.discard);
    else
        ++unverified_;
    return group.auth_required ? Authenticity::kRejected : Authenticity::kUnverified;
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
    if (result.discard == Discard::kBadMac && group.auth_second_key)
        return with_key(*group.auth_second_key);
    return result;
}

bool AdvertFilter::decides(const config::Group& group, const GroupInputs& inputs,
                           const vrrp::Advert& advert, const IpAddress& source,
                           Authenticity authenticity, std::int64_t now_ns) {
    if (lists_our_vips(group, advert)) {
        remember_member(source);
        return true;
    }
    if (group.foreign_vips == config::ForeignVips::kObey || may_be_cut_short(advert, group, inputs))
        return true;
    const bool is_member = authenticity == Authenticity::kVerified || !group.peers.empty() ||
                           std::ranges::find(members_, source) != members_.end();
    if (is_member && group.has_both_ip_versions())
        return true;
    discard(group, Discard::kForeignVips, &advert, source, now_ns);
    return false;
}

bool AdvertFilter::lists_our_vips(const config::Group& group, const vrrp::Advert& advert) {
    if (sorted_vips_.empty())
        sorted_vips_ = sorted(group.vips);
    return std::ranges::any_of(advert.addresses, [&](const IpAddress& address) {
        return std::ranges::binary_search(sorted_vips_, address);
    });
}

void AdvertFilter::remember_member(const IpAddress& source) {
    if (std::ranges::find(members_, source) != members_.end())
        return;
    if (members_.size() == kMostMembers)
        members_.erase(members_.begin());
    members_.push_back(source);
}

// Other virtual routers and other gateways may be on the same link: an advert with another id, or
// from no peer, concerns the group only if it lists a VIP of the group.
void AdvertFilter::discard(const config::Group& group, Discard why, const vrrp::Advert* advert,
                           const IpAddress& source, std::int64_t now_ns) {
    count(why);
    const bool is_usual = why == Discard::kUnknownId || why == Discard::kNotPeer;
    if (is_usual && (advert == nullptr || !lists_our_vips(group, *advert)))
        return;
    warn(group, vrrp::name(why), source, now_ns, advert != nullptr ? advert->interval_ms : 0,
         [&] { return describe_discard(group, why, advert, source); });
}

void AdvertFilter::note_accepted(const config::Group& group, const GroupInputs& inputs,
                                 const vrrp::Advert& advert, const IpAddress& source,
                                 std::int64_t now_ns) {
    ++accepted_;
    if (advert.addresses != last_vips_) {
        last_vips_ = advert.addresses;
        last_has_our_vips_ = sorted(advert.addresses) == listed_by_us(group, inputs);
    }
    if (!last_has_our_vips_)
        warn(group, kOtherVips, source, now_ns, advert.interval_ms, [&] {
            return describe_other_vips(source, sorted(advert.addresses),
                                       listed_by_us(group, inputs));
        });
}

void AdvertFilter::forget_comparisons() {
    sorted_vips_.clear();
    last_vips_.clear();
    warnings_.clear();
}

// `interval_ms` is that of the sender's adverts, as far as it is known.
void AdvertFilter::warn(const config::Group& group, std::string_view reason,
                        const IpAddress& source, std::int64_t now_ns, std::uint32_t interval_ms,
                        const std::function<std::string()>& describe) {
    const std::int64_t lasts_ns =
        Warnings::kLasts_ns + 3 * std::int64_t{interval_ms} * kNanosecondsPerMs;
    const auto text = warnings_.note({.reason = std::string(reason), .source = to_string(source)},
                                     now_ns, lasts_ns, describe);
    if (text)
        spdlog::warn("group '{}': {}", group.name, *text);
}

}  // namespace vipfwd::group
