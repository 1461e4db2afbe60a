// SPDX-License-Identifier: Apache-2.0
// A group's adverts (RFC 9568 §5) as frames that the dataplane sends, see abi::AdvertEntry.
#pragma once

#include <vector>

#include "control/config/model.h"
#include "control/table/facts.h"
#include "control/vrrp/advert.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// Whom the group's adverts go to: its peers, or the multicast group of its family.
std::vector<IpAddress> advert_destinations(const config::Group& group);

// The address that the group's adverts come from, on that port: its own, and with IPv6 multicast
// its link-local one (RFC 9568 §5.1.2.1). None: the port has none (yet).
IpAddress advert_source(const config::Group& group, const PortFacts& port);

// The group's advert with that priority. It lists VIPs of the family that it goes over, as many as
// an advert and `mtu` take.
vrrp::Advert make_advert(const config::Group& group, std::uint8_t priority, std::uint32_t mtu);

// What is sent: the advert, and behind it room for the trailer if the group has a key.
std::vector<std::uint8_t> advert_payload(const config::Group& group, const vrrp::Advert& advert,
                                         const IpAddress& source, const IpAddress& destination);

// One for each destination; none for those whose MAC address is not known. Priority 0.
std::vector<abi::AdvertEntry> make_adverts(const config::Group& group, const Facts& facts,
                                           const PortFacts& port);

}  // namespace vipfwd::table
