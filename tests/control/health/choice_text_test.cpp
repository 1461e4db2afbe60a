// SPDX-License-Identifier: Apache-2.0
#include "control/health/choice_text.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

using abi::BackendAdmin;

constexpr ClockPair kBefore{.boottime_s = 1000, .unix_s = 1'700'000'000};

AdminChoices some_choices() {
    AdminChoices choices;
    choices.set("web", parse_ip("10.0.0.11").value(), {.state = BackendAdmin::kDrain});
    choices.set("web", parse_ip("10.0.0.12").value(),
                {.state = BackendAdmin::kMaint, .flows_move_at_s = 1600, .weight = 7});
    choices.set("db", parse_ip("fd00::21").value(), {.weight = 0});
    return choices;
}

TEST(ChoiceText, ChoicesAreReadAgain) {
    EXPECT_EQ(parse_choices(to_text(some_choices(), kBefore), kBefore).value(), some_choices());
    EXPECT_EQ(parse_choices(to_text({}, kBefore), kBefore).value(), AdminChoices());
}

TEST(ChoiceText, ADeadlineStaysTheSameMomentAfterAReboot) {
    const std::string text = to_text(some_choices(), kBefore);
    const auto move_at_s = [&](const ClockPair& now) {
        const AdminChoices choices = parse_choices(text, now).value();
        return choices.find("web", parse_ip("10.0.0.12").value()).flows_move_at_s;
    };
    EXPECT_EQ(move_at_s({.boottime_s = 20, .unix_s = kBefore.unix_s + 100}), 520u);
    EXPECT_EQ(move_at_s({.boottime_s = 20, .unix_s = kBefore.unix_s + 9000}), 20u) << "it is over";
}

TEST(ChoiceText, AnyOtherTextIsAnError) {
    for (
        const char* text :
        {"", "nonsense", "[]", "{}", R"({"choices": [7]})",
         R"({"choices": [{"pool": "web", "address": "10.0.0", "state": "drain", "weight": null}]})",
         R"({"choices": [{"pool": "web", "address": "10.0.0.1", "state": "x", "weight": null}]})",
         R"({"choices": [{"pool": "web", "address": "10.0.0.1", "state": "agent-drain",)"
         R"( "weight": null}]})",
         R"({"choices": [{"pool": "web", "address": "10.0.0.1", "state": "drain"}]})",
         R"({"choices": [{"pool": "web", "address": "10.0.0.1", "state": "maint",)"
         R"( "flows_move_at": null, "weight": null}]})"})
        EXPECT_FALSE(parse_choices(text, kBefore)) << text;
}

}  // namespace
}  // namespace vipfwd::health
