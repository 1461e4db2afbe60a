// SPDX-License-Identifier: Apache-2.0
// The settings of a decapsulator. They are kept in the maps of the attached program, from which
// they can be read back.
#pragma once

#include <cstdint>
#include <vector>

#include "control/decap/source_prefix.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::decap {

inline constexpr std::uint16_t kDefaultGuePort = 6080;  // IANA: gue

struct Settings {
    std::vector<IpAddress> addresses;  // outer destinations
    std::vector<IpAddress> vips;       // inner destinations
    std::uint16_t gue_port = kDefaultGuePort;
    std::vector<SourcePrefix> allowed;  // outer sources; empty: all
};

// File descriptors of the maps of these names in decap.bpf.c.
struct SettingsMaps {
    int local = -1;
    int vips = -1;
    int settings = -1;
    int allowed = -1;
};

// Requires the maps of a program that was just loaded: they must be empty.
Result<void> write_settings(const SettingsMaps& maps, const Settings& settings);

// Returns addresses and sources in ascending order.
Result<Settings> read_settings(const SettingsMaps& maps);

}  // namespace vipfwd::decap
