// SPDX-License-Identifier: Apache-2.0
// The configurations in configs/.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "control/config/load.h"
#include "control/config/parse.h"

namespace vipfwd::config {
namespace {

const std::string kConfigs = std::string(VIPFWD_SOURCE_DIR) + "/configs/";

std::size_t count_errors(const LoadOutcome& outcome, const std::string& path) {
    std::size_t errors = 0;
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
        if (diagnostic.severity != Diagnostic::Severity::kError)
            continue;
        ADD_FAILURE() << to_string(diagnostic, path);
        ++errors;
    }
    return errors;
}

// As "key = ...", perhaps in a comment, or as the header of a table.
bool has_key(const std::string& text, const std::string& key) {
    const std::regex pattern("(^|[\\s{#])" + key + " = |\\[\\[?([a-z]+\\.)?" + key + "\\]",
                             std::regex::multiline);
    return std::regex_search(text, pattern);
}

TEST(Examples, MinimalLoadsWithoutWarnings) {
    const LoadOutcome outcome = load(kConfigs + "minimal.toml", Writers::kAny);
    ASSERT_EQ(count_errors(outcome, "minimal.toml"), 0u);
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_TRUE(outcome.diagnostics.empty());
}

TEST(Examples, TheExampleLoads) {
    const LoadOutcome outcome = load(kConfigs + "example.toml", Writers::kAny);
    ASSERT_EQ(count_errors(outcome, "example.toml"), 0u);
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_EQ(outcome.config->pools.size(), 2u);
    EXPECT_EQ(outcome.config->services.size(), 4u);
}

// A table that the example lacks is noticed by its own key in the table around it: every table must
// be in the example for its keys to be known.
TEST(Examples, TheExampleHasEveryKeyOfTheParser) {
    std::ifstream file(kConfigs + "example.toml");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    Report report;
    KnownKeys known_keys;
    ASSERT_TRUE(parse(text, report, &known_keys));
    EXPECT_EQ(known_keys.size(), 13u) << "the file itself, and its tables";
    for (const auto& [table, keys] : known_keys) {
        for (const std::string_view key : keys)
            EXPECT_TRUE(has_key(text, std::string(key))) << table << " " << key;
    }
}

}  // namespace
}  // namespace vipfwd::config
