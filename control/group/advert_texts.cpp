// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

// "10.0.0.100, 10.0.0.101 and 3 more".
std::string some_of(const std::vector<IpAddress>& addresses) {
    constexpr std::size_t kNamed = 2;
    std::string text;
    for (std::size_t i = 0; i < addresses.size() && i < kNamed; ++i)
        text += (i == 0 ? "" : ", ") + to_string(addresses[i]);
    if (addresses.size() > kNamed)
        text += fmt::format(" and {} more", addresses.size() - kNamed);
    return text;
}

// "10.0.0.100 is only listed there"; empty if nothing is.
std::string only(const std::vector<IpAddress>& addresses, const char* where) {
    if (addresses.empty())
        return "";
    return fmt::format("{} {} listed only {}", some_of(addresses),
                       addresses.size() == 1 ? "is" : "are", where);
}

std::vector<IpAddress> without(const std::vector<IpAddress>& some,
                               const std::vector<IpAddress>& others) {
    std::vector<IpAddress> left;
    std::ranges::set_difference(some, others, std::back_inserter(left));
    return left;
}

std::string describe_decoded(const config::Group& group, vrrp::Discard why,
                             const vrrp::Advert& advert, const IpAddress& source) {
    using vrrp::Discard;
    const std::string sender = to_string(source);
    switch (why) {
        case Discard::kForeignVips:
            return fmt::format(
                "{} advertises other VIPs with our id {}: {}; its adverts are ignored; give one of "
                "the two virtual routers another id, or configure the same VIPs on both gateways",
                sender, group.id, some_of(advert.addresses));
        case Discard::kVersion:
            return fmt::format(
                "{} advertises with VRRP version {}, and this group has version {}: its adverts do "
                "not count, and both gateways may be active; configure the same version on both",
                sender, advert.version, group.version);
        case Discard::kInterval:
            return fmt::format(
                "{} advertises every {} ms, and this group every {} ms, which VRRP 2 does not "
                "allow: its adverts do not count, and both gateways may be active; configure "
                "the same advert_interval_ms on both",
                sender, advert.interval_ms, group.advert_interval_ms);
        case Discard::kUnknownId:
            return fmt::format(
                "{} advertises VIPs of this group with id {}, and this group has id {}: its "
                "adverts do not count, and both gateways may be active; configure the same id "
                "on both",
                sender, advert.id, group.id);
        case Discard::kNotPeer:
            return fmt::format(
                "{} advertises VIPs of this group, but is not one of its peers: its adverts do not "
                "count, and both gateways may be active; add it to 'peers', or turn VRRP off "
                "there",
                sender);
        case Discard::kOwnSource:
            return fmt::format(
                "an advert came from our own address {}: the network has a loop, or another "
                "gateway has the same address; give each gateway an address of its own",
                sender);
        default:
            return fmt::format("an advert of {} does not count: {}", sender, description(why));
    }
}

}  // namespace

std::string describe_discard(const config::Group& group, vrrp::Discard why,
                             const vrrp::Advert* advert, const IpAddress& source) {
    if (advert != nullptr)
        return describe_decoded(group, why, *advert, source);
    return fmt::format("an advert of {} with our id {} does not count: {}", to_string(source),
                       group.id, description(why));
}

std::string describe_other_vips(const IpAddress& source, const std::vector<IpAddress>& theirs,
                                const std::vector<IpAddress>& ours) {
    const std::string there = only(without(theirs, ours), "there");
    const std::string here = only(without(ours, theirs), "here");
    return fmt::format("{} advertises other VIPs: {}{}{}; configure the same VIPs on both gateways",
                       to_string(source), there, !there.empty() && !here.empty() ? ", " : "", here);
}

}  // namespace vipfwd::group
