// SPDX-License-Identifier: Apache-2.0
#include "control/config/syntax_hint.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "control/config/load.h"
#include "control/config/toml_scan.h"

namespace vipfwd::config {
namespace {

struct Mistake {
    const char* name;
    std::string_view text;
    std::string_view hint;  // part of it; empty: there is none
};

class SyntaxHint : public ::testing::TestWithParam<Mistake> {};

// As an operator sees it: the parser's place decides on the hint.
TEST_P(SyntaxHint, SaysWhatToDo) {
    const LoadOutcome outcome = load_text(GetParam().text, "test.toml");
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    const std::string& message = outcome.diagnostics[0].message;
    EXPECT_TRUE(message.starts_with("not valid TOML: ")) << message;
    if (GetParam().hint.empty())
        EXPECT_TRUE(message.starts_with("not valid TOML: Error while parsing")) << message;
    else
        EXPECT_NE(message.find(GetParam().hint), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    OnQuotes, SyntaxHint,
    ::testing::Values(
        Mistake{"Missing", "device = eth1 # uplink\n", R"(a text needs quotes; write "eth1" ()"},
        Mistake{"MissingOne", "device = eth1\"\n", R"(a text needs quotes; write "eth1")"},
        Mistake{"MissingRoundAnAddress", "vip = 10.0.0.100\n", R"(write "10.0.0.100")"},
        Mistake{"MissingRoundAnIpv6Address", "vip = fd00::100\n", R"(write "fd00::100")"},
        Mistake{"MissingRoundAMac", "mac = 02:00:00:00:00:01\n", R"(write "02:00:00:00:00:01")"},
        Mistake{"MissingRoundARange", "port = 80-90\n", R"(write "80-90")"},
        Mistake{"MissingRoundAPath", "seed_file = /etc/seed\n", R"(write "/etc/seed")"},
        Mistake{"MissingInAList", "vips = [ \"10.0.0.1\", 10.0.0.2 ]\n", R"(write "10.0.0.2")"},
        Mistake{"MissingInATable", "a = { b = tcp, c = 1 }\n", R"(write "tcp")"},
        Mistake{"Typographic", "device = “eth1”\n",
                R"(these are not the quotes of TOML; write "eth1")"},
        Mistake{"German", "device = „eth1“\n", R"(write "eth1")"},
        Mistake{"French", "device = «eth1»\n", R"(write "eth1")"},
        Mistake{"Single", "device = ‘eth1’\n", R"(write "eth1")"},
        Mistake{"OfAShell", "device = `eth1`\n", R"(write "eth1")"},
        Mistake{"TypographicAtTheEnd", "device = \"eth1”\n",
                R"(the string has no closing quote; write "eth1")"},
        Mistake{"TypographicRoundAKey", "“device” = 'eth1'\n", "not the quotes of TOML"},
        Mistake{"NotClosed", "name = 'uplink\nx = 1\n", "no closing quote; write 'uplink'"},
        Mistake{"NotClosedInATable", "a = { b = \"x, c = \"y\" }\n", "a quote is missing before"},
        Mistake{"NotClosedOverLines", "a = \"\"\"x\ny\n", "begins in line 1 has no closing quotes"},
        Mistake{"Backslash", "a = \"C:\\pools\"\n", "write it twice, or put the text in single"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OnBrackets, SyntaxHint,
    ::testing::Values(
        Mistake{"ListBeforeAHeader", "a = [\n { b = 1 },\n[[service]]\nname = 'web'\n",
                "the list that begins in line 1 is not closed; add ']'"},
        Mistake{"ListBeforeAHeaderOfTwoParts", "a = [ 1,\n[pool.check]\n", "begins in line 1"},
        Mistake{"ListBeforeAKey", "x = 1\na = [ 1, 2\nb = 2\n", "begins in line 2 is not closed"},
        Mistake{"ListAtTheEnd", "a = [\n 1,\n\n", "begins in line 1 is not closed"},
        Mistake{"ListWithoutComma", "a = [ \"x\" \"y\" ]\n", "a comma is missing before this"},
        Mistake{"TablesWithoutComma", "a = [ { b = 1 }\n { b = 2 } ]\n", "a comma is missing"},
        Mistake{"Table", "a = { b = 1\nc = 2\n", "begins in line 1 is not closed; add '}'"},
        Mistake{"TableOverLines", "a = { b = 1,\n c = 2 }\n", "all of it in one line"},
        Mistake{"TableWithoutComma", "a = { b = 1 c = 2 }\n", "a comma is missing"},
        Mistake{"TableWithALastComma", "a = { b = 1, }\n", "remove the comma before '}'"},
        Mistake{"Header", "[port\nx = 1\n", "write [name], or [[name]]"},
        Mistake{"HeaderOpenedTwice", "[[port]\nx = 1\n", "write [name], or [[name]]"},
        Mistake{"HeaderClosedTwice", "[port]]\nx = 1\n", "write [name], or [[name]]"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OnOtherThings, SyntaxHint,
    ::testing::Values(Mistake{"Yes", "a = yes\n", "write true, which TOML knows"},
                      Mistake{"CapitalFalse", "a = False\n", "write false, which TOML knows"},
                      Mistake{"Unit", "interval_ms = 100ms\n", "write the number alone"},
                      Mistake{"UnitAfterABlank", "hold_ms = 10_000 ms\n", "write the number alone"},
                      Mistake{"NoValue", "a =\n", "a value is missing"},
                      Mistake{"ColonForEquals", "a: 'x'\n", "write 'key = value'"},
                      Mistake{"NoEquals", "a 'x'\n", "write 'key = value'"},
                      Mistake{"AKeyAlone", "a\n", "write 'key = value'"},
                      Mistake{"CommaAtTheEnd", "a = 'x',\n", "remove the comma"},
                      Mistake{"CommentOfC", "a = 1 // x\n", "a comment begins with '#'"},
                      Mistake{"CommentOfIni", "; x\n", "a comment begins with '#'"},
                      Mistake{"NoneOnAKeyWrittenTwice", "a = 1\na = 2\n", ""},
                      Mistake{"NoneOnALeadingZero", "a = 08\n", ""}),
    [](const auto& one) { return one.param.name; });

// Hostile text: any place of it gives some answer.
TEST(SyntaxHintAnywhere, ReadsNothingBeyondTheText) {
    const std::string text = "a = [ \"x\\\", { b = 'c }\n[d]]\n\"\"\"e\\";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const std::string part = text.substr(0, length);  // on the heap, for sanitizers
        for (std::size_t at = 0; at <= length; ++at)
            (void)syntax_hint(part, location_of(part, at));
        (void)syntax_hint(part, {100, 100});
    }
}

}  // namespace
}  // namespace vipfwd::config
