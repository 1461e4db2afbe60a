// SPDX-License-Identifier: Apache-2.0
// The adverts of a configured group: their source and destinations, and their entries in a
// generation.
#pragma once

#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/vrrp/advert_frame.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// Refers to `group`, which must outlive the result.
vrrp::AdvertSettings advert_settings(const config::Group& group);

// The destinations of the group's adverts: its peers, or the multicast group of its family.
std::vector<IpAddress> advert_destinations(const config::Group& group);

// The source address of the group's adverts on that port: the port's own address, or with IPv6
// multicast its link-local one (RFC 9568 §5.1.2.1). None if the port has no such address (yet).
IpAddress advert_source(const config::Group& group, const net::PortFacts& port);

// One advert of priority 0 per destination. Destinations whose MAC address is not known are left
// out; the result is empty without a source address.
std::vector<abi::AdvertEntry> advert_entries(const config::Group& group, const net::Facts& facts,
                                             const net::PortFacts& port);

}  // namespace vipfwd::table
