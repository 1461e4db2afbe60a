// SPDX-License-Identifier: Apache-2.0
// Loads a TOML file as a checked Config, in two steps: parse.h reads keys and values into a draft,
// with their places; check.h checks the draft as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/model.h"

namespace vipfwd::config {

// All errors and warnings of a file, in the order of its lines. There is a config if none of them
// is an error.
struct LoadOutcome {
    std::optional<Config> config;
    std::vector<Diagnostic> diagnostics;
};

// Whether a file that other users may change is an error, and so are files that it names.
enum class Writers { kTrusted, kAny };

// Reads, parses and checks `path`, and reads the secret files that it names. Never throws.
LoadOutcome load(const std::string& path, Writers writers = Writers::kTrusted);

// The same for the text of `path`, which is not read: it is used to resolve the paths of secret
// files, and to see who may write to it.
LoadOutcome load_text(std::string_view text, const std::string& path,
                      Writers writers = Writers::kAny);

// Changes `config` for `scripts/replay`: the first port reads the capture `input` and writes
// `output`; further ports read nothing (device "") and write to `output` with their name inserted
// before its suffix. One worker, no hugepages, no kernel interfaces; the default limit of new flows
// is lifted, a configured one stays. Without a seed_file, hashes have kReplayKey. Addresses and
// VLANs stay. Port N (from 1) gets MAC 02:00:00:00:00:N and MTU 1500 unless it has its own.
Config for_replay(Config config, const std::string& input, const std::string& output);

}  // namespace vipfwd::config
