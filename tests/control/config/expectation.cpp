// SPDX-License-Identifier: Apache-2.0
#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

using Severity = Diagnostic::Severity;

struct Marked {
    std::string text;
    std::vector<Location> places;
};

Marked remove_marks(const std::string& text) {
    Marked marked;
    Location here{1, 1};
    for (const char c : text) {
        if (c == '@') {
            marked.places.push_back(here);
            continue;
        }
        marked.text += c;
        here = c == '\n' ? Location{here.line + 1, 1} : Location{here.line, here.column + 1};
    }
    return marked;
}

// Groups need a seed: at the end, where it moves no other line.
std::string with_seed(std::string text) {
    const bool needs_one =
        text.find("[[group]]") != std::string::npos && text.find("[gateway]") == std::string::npos;
    return needs_one ? text + "\n[gateway]\nrandom_seed = true\n" : text;
}

std::vector<Diagnostic> of_severity(const LoadOutcome& outcome, Severity severity) {
    std::vector<Diagnostic> result;
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
        if (diagnostic.severity == severity)
            result.push_back(diagnostic);
    }
    return result;
}

std::string all_messages(const LoadOutcome& outcome) {
    std::string lines;
    for (const Diagnostic& diagnostic : outcome.diagnostics)
        lines += to_string(diagnostic, "test.toml") + "\n";
    return lines;
}

void expect_messages(const Expectation& expected, Severity severity, const LoadOutcome& outcome,
                     const std::vector<Location>& places) {
    SCOPED_TRACE(all_messages(outcome));
    const std::vector<Diagnostic> found = of_severity(outcome, severity);
    ASSERT_EQ(found.size(), expected.messages.size());
    ASSERT_EQ(places.size(), expected.messages.size()) << "one mark per message";
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].where.line, places[i].line) << "message " << i;
        EXPECT_EQ(found[i].where.column, places[i].column) << "message " << i;
        EXPECT_NE(found[i].message.find(expected.messages[i]), std::string::npos)
            << expected.messages[i];
    }
}

}  // namespace

void expect_errors(const Expectation& expected) {
    const Marked marked = remove_marks(expected.text);
    const LoadOutcome outcome = load_text(with_seed(marked.text), "test.toml");
    EXPECT_FALSE(outcome.config.has_value());
    expect_messages(expected, Severity::kError, outcome, marked.places);
}

void expect_warnings(const Expectation& expected) {
    const Marked marked = remove_marks(expected.text);
    const LoadOutcome outcome = load_text(with_seed(marked.text), "test.toml");
    EXPECT_TRUE(outcome.config.has_value()) << all_messages(outcome);
    expect_messages(expected, Severity::kWarning, outcome, marked.places);
}

Config load_good(const std::string& text) {
    LoadOutcome outcome = load_text(with_seed(text), "test.toml");
    EXPECT_TRUE(outcome.config.has_value()) << all_messages(outcome);
    return outcome.config.value_or(Config{});
}

}  // namespace vipfwd::config::testing
