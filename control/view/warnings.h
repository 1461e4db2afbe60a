// SPDX-License-Identifier: Apache-2.0
// What the network does to the gateway, or does not fit to it, that an operator should look after.
// A warning goes away some time after its cause. Warnings of the configuration file are not among
// them (Source::warnings).
#pragma once

#include <string>
#include <vector>

#include "control/view/source.h"

namespace vipfwd::view {

// Those that concern one group: its adverts, and other hosts that use its VIPs.
std::vector<group::Warning> warnings_of(const Source& source, const group::GroupStatus& group);

// Those of all groups, of VIPs of no group, and of backends, for people.
std::vector<std::string> warnings(const Source& source);

}  // namespace vipfwd::view
