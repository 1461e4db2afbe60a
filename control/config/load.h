// SPDX-License-Identifier: Apache-2.0
// From a TOML file to a checked Config: parse.cpp reads keys and types, check.cpp what they mean
// together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/model.h"

namespace vipfwd::config {

// All that is wrong with a file, in the order of its lines. There is a config if no diagnostic is
// an error.
struct LoadOutcome {
    std::optional<Config> config;
    std::vector<Diagnostic> diagnostics;
};

// Reads, parses and checks `path`, and reads the files of secrets that it names. Never throws.
LoadOutcome load(const std::string& path);

// The same for text in memory; `path` only resolves the paths of secrets.
LoadOutcome load_text(std::string_view text, const std::string& path);

// The configuration as `scripts/replay` runs it: the first port reads the capture `input` and
// writes `output`; further ports read nothing (device "") and write `output` with their name before
// its suffix. One worker, no hugepages, no kernel interfaces, no limit of new flows but a chosen
// one. Addresses and VLANs stay, as do MAC and MTU where there are any; else port N (from 1) gets
// 02:00:00:00:00:N and 1500.
Config for_replay(Config config, const std::string& input, const std::string& output);

}  // namespace vipfwd::config
