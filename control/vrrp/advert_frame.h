// SPDX-License-Identifier: Apache-2.0
// Builds adverts as they are sent (RFC 9568 §5): the IP payload, which control sends by itself when
// the dataplane cannot, and the whole Ethernet frame, which the dataplane sends as a template.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "control/vrrp/advert.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::vrrp {

// What all adverts of a group have in common.
struct AdvertSettings {
    std::uint8_t version = 3;
    std::uint8_t id = 0;
    std::uint32_t interval_ms = 1000;
    bool is_v4 = true;  // the family that the adverts are sent over
    ChecksumForm checksum = ChecksumForm::kWithPseudoHeader;
    bool is_authenticated = false;    // the trailer of dataplane/abi/advert_auth.h follows
    std::span<const IpAddress> vips;  // of both families; must outlive this struct
};

// How many VIPs an advert lists at most: as many as the count field and an IP packet of `mtu` bytes
// (0: of Ethernet) have room for.
std::size_t max_listed(const AdvertSettings& settings, std::uint32_t mtu);

// The advert with that priority. It lists the VIPs of the family that it is sent over, up to
// max_listed().
Advert make_advert(const AdvertSettings& settings, std::uint8_t priority, std::uint32_t mtu);

// The IP payload: the encoded advert, followed by a zeroed trailer if adverts are authenticated.
std::vector<std::uint8_t> make_payload(const AdvertSettings& settings, const Advert& advert,
                                       const IpAddress& source, const IpAddress& destination);

// The Ethernet addressing of a frame. The dataplane fills in the source MAC address.
struct FrameLink {
    MacAddress destination;
    std::uint16_t vlan = 0;        // 802.1Q tag; 0: none
    std::uint16_t outer_vlan = 0;  // 802.1ad tag; 0: none
};

// The Ethernet frame around `payload`, which must fit into AdvertEntry::frame.
abi::AdvertEntry make_frame(const FrameLink& link, const IpAddress& source,
                            const IpAddress& destination, std::span<const std::uint8_t> payload);

// The MAC address of a multicast group (RFC 1112 §6.4, RFC 2464 §7); nullopt for a unicast address.
std::optional<MacAddress> multicast_mac(const IpAddress& address);

}  // namespace vipfwd::vrrp
