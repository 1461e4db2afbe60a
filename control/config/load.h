// SPDX-License-Identifier: Apache-2.0
// From a TOML file to a checked Config: parse.cpp reads keys and types, check.cpp what they mean together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/model.h"

namespace vipfwd::config {

struct Diagnostic {
    enum class Severity { kError, kWarning };
    Severity severity = Severity::kError;
    Location where;
    std::string message;
};

// All that is wrong with a file, in the order of its lines. There is a config if no diagnostic is an error.
struct LoadOutcome {
    std::optional<Config> config;
    std::vector<Diagnostic> diagnostics;
};

// Reads, parses and checks `path`. Never throws.
LoadOutcome load(const std::string& path);

// The same for text in memory; `path` only names it in messages and resolves a relative `seed_file`.
LoadOutcome load_text(std::string_view text, const std::string& path);

// "file:line:col: error: message", as compilers write it.
std::string to_string(const Diagnostic& diagnostic, const std::string& path);

// The configuration as `scripts/replay` runs it: the first port reads the capture `input` and writes `output`,
// further ports write `output` with their name before its suffix; one worker, no hugepages. MAC,
// addresses and MTU stay; where there is none, the port gets a fixed one.
Config for_replay(Config config, const std::string& input, const std::string& output);

}  // namespace vipfwd::config
