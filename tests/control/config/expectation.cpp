// SPDX-License-Identifier: Apache-2.0
#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

using Severity = Diagnostic::Severity;

struct Marked {
    std::string text;
    std::vector<Location> places;
};

Marked take_out_marks(const std::string& text) {
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

std::vector<Diagnostic> of_severity(const LoadOutcome& outcome, Severity severity) {
    std::vector<Diagnostic> result;
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
        if (diagnostic.severity == severity)
            result.push_back(diagnostic);
    }
    return result;
}

std::string all_said(const LoadOutcome& outcome) {
    std::string lines;
    for (const Diagnostic& diagnostic : outcome.diagnostics)
        lines += to_string(diagnostic, "test.toml") + "\n";
    return lines;
}

void expect_said(const Expectation& expected, Severity severity, const LoadOutcome& outcome,
                 const std::vector<Location>& places) {
    SCOPED_TRACE(all_said(outcome));
    const std::vector<Diagnostic> said = of_severity(outcome, severity);
    ASSERT_EQ(said.size(), expected.said.size());
    ASSERT_EQ(places.size(), expected.said.size()) << "one mark a message";
    for (std::size_t i = 0; i < said.size(); ++i) {
        EXPECT_EQ(said[i].where.line, places[i].line) << "message " << i;
        EXPECT_EQ(said[i].where.column, places[i].column) << "message " << i;
        EXPECT_NE(said[i].message.find(expected.said[i]), std::string::npos) << expected.said[i];
    }
}

}  // namespace

void expect_errors(const Expectation& expected) {
    const Marked marked = take_out_marks(expected.text);
    const LoadOutcome outcome = load_text(marked.text, "test.toml");
    EXPECT_FALSE(outcome.config.has_value());
    expect_said(expected, Severity::kError, outcome, marked.places);
}

void expect_warnings(const Expectation& expected) {
    const Marked marked = take_out_marks(expected.text);
    const LoadOutcome outcome = load_text(marked.text, "test.toml");
    EXPECT_TRUE(outcome.config.has_value()) << all_said(outcome);
    expect_said(expected, Severity::kWarning, outcome, marked.places);
}

Config load_good(const std::string& text) {
    LoadOutcome outcome = load_text(text, "test.toml");
    EXPECT_TRUE(outcome.config.has_value()) << all_said(outcome);
    return outcome.config.value_or(Config{});
}

}  // namespace vipfwd::config::testing
