// SPDX-License-Identifier: Apache-2.0
#include "control/table/group_adverts.h"

#include <optional>

namespace vipfwd::table {
namespace {

std::optional<MacAddress> mac_of(const IpAddress& destination, const net::Facts& facts) {
    if (const auto mac = vrrp::multicast_mac(destination))
        return mac;
    const std::optional<net::NextHop> hop = facts.next_hop(destination);
    return hop ? std::optional(hop->mac) : std::nullopt;
}

}  // namespace

vrrp::AdvertSettings advert_settings(const config::Group& group) {
    return {.version = group.version,
            .id = static_cast<std::uint8_t>(group.id),
            .interval_ms = group.advert_interval_ms,
            .is_v4 = group.is_v4(),
            .checksum = group.checksum_pseudo_header ? vrrp::ChecksumForm::kWithPseudoHeader
                                                     : vrrp::ChecksumForm::kWithout,
            .is_authenticated = group.auth_key.has_value(),
            .vips = group.vips};
}

std::vector<IpAddress> advert_destinations(const config::Group& group) {
    if (!group.peers.empty())
        return group.peers;
    return {vrrp::multicast_group(group.is_v4())};
}

IpAddress advert_source(const config::Group& group, const net::PortFacts& port) {
    if (group.is_v4())
        return port.own_v4;
    return group.peers.empty() ? port.link_local : port.own_v6;
}

std::vector<abi::AdvertEntry> advert_entries(const config::Group& group, const net::Facts& facts,
                                             const net::PortFacts& port) {
    std::vector<abi::AdvertEntry> entries;
    const IpAddress source = advert_source(group, port);
    if (source.is_none())
        return entries;
    const vrrp::AdvertSettings settings = advert_settings(group);
    const vrrp::Advert advert = make_advert(settings, vrrp::kResignPriority, port.mtu);
    for (const IpAddress& destination : advert_destinations(group)) {
        const std::optional<MacAddress> mac = mac_of(destination, facts);
        if (!mac)
            continue;
        const vrrp::FrameLink link{
            .destination = *mac, .vlan = port.vlan, .outer_vlan = port.outer_vlan};
        entries.push_back(vrrp::make_frame(link, source, destination,
                                           make_payload(settings, advert, source, destination)));
    }
    return entries;
}

}  // namespace vipfwd::table
