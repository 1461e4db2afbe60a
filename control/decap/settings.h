// SPDX-License-Identifier: Apache-2.0
// What a decapsulator unwraps, and where it keeps that: in its maps, so that it can be asked.
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
    std::uint16_t gue_port = kDefaultGuePort;
    std::vector<SourcePrefix> allowed;  // outer sources; empty: all
};

// The maps of decap.bpf.c with these names; file descriptors.
struct SettingsMaps {
    int local = -1;
    int settings = -1;
    int allowed = -1;
};

// Into the maps of a program that was just loaded.
Result<void> write_settings(const SettingsMaps& maps, const Settings& settings);

// Addresses and sources in ascending order.
Result<Settings> read_settings(const SettingsMaps& maps);

}  // namespace vipfwd::decap
