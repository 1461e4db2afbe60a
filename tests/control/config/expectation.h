// SPDX-License-Identifier: Apache-2.0
// Configurations and the diagnostics expected for them. A '@' in the text, which is removed before
// the text is loaded, marks a place: the n-th message is expected at the n-th mark.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "control/config/load.h"

namespace vipfwd::config::testing {

struct Expectation {
    std::string name;  // a sentence, in CamelCase
    std::string text;
    std::vector<std::string> messages;  // parts of the expected messages

    friend std::ostream& operator<<(std::ostream& out, const Expectation& expectation) {
        return out << expectation.text;
    }
};

// All three functions add `random_seed = true` to a text with groups and without [gateway].

// Exactly these errors (and any warnings), and no config.
void expect_errors(const Expectation& expected);

// Exactly these warnings, no errors, and a config.
void expect_warnings(const Expectation& expected);

// The config of `text`, which may have warnings but no errors.
Config load_good(const std::string& text);

// The name of an instance of a parameterised test.
inline std::string sentence(const ::testing::TestParamInfo<Expectation>& info) {
    return info.param.name;
}

// Valid parts of a file.
inline const std::string kPort = R"(
[[port]]
name = "uplink"
device = "eth1"
driver = "af_xdp"
)";
inline const std::string kPool = R"(
[[pool]]
name = "web"
backend = [{ name = "web1", address = "10.0.0.11" }]
)";
inline const std::string kService = R"(
[[service]]
name = "web"
vip = "10.0.0.100"
protocol = "tcp"
port = 80
pool = "web"
)";
inline const std::string kGroup = R"(
[[group]]
name = "edge"
port = "uplink"
id = 51
vips = ["10.0.0.100"]
)";

}  // namespace vipfwd::config::testing
