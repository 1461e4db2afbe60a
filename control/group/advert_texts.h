// SPDX-License-Identifier: Apache-2.0
// What operators are told about received adverts: why an advert does not count, or what is wrong
// with one that does, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/vrrp/advert.h"

namespace vipfwd::group {

// About an advert that was discarded. `advert`: null if it could not be decoded.
std::string describe_discard(const config::Group& group, vrrp::Discard why,
                             const vrrp::Advert* advert, const IpAddress& source);

// About an advert that counts, but lists other VIPs than one of ours would. Both lists are sorted.
std::string describe_other_vips(const IpAddress& source, const std::vector<IpAddress>& theirs,
                                const std::vector<IpAddress>& ours);

}  // namespace vipfwd::group
