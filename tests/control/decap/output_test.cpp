// SPDX-License-Identifier: Apache-2.0
#include "control/decap/output.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "control/decap/drop_texts.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::decap {
namespace {

InterfaceStatus sample() {
    InterfaceStatus one{.interface = "eth0", .settings = {}, .counters = {}};
    one.settings.addresses = {parse_ip("10.0.0.11").value(), parse_ip("fd00::11").value()};
    one.settings.vips = {parse_ip("10.0.0.100").value(), parse_ip("fd00::100").value()};
    one.settings.allowed = {parse_source_prefix("10.0.0.0/24").value(),
                            parse_source_prefix("fd00::1").value()};
    for (std::uint64_t i = 0; i < DECAP_COUNTERS; ++i)
        one.counters.push_back(100 + i);
    return one;
}

TEST(Describe, NamesAddressesPortAndSources) {
    EXPECT_EQ(describe(sample().settings),
              "unwraps for 10.0.0.11, fd00::11; delivers to VIPs 10.0.0.100, fd00::100; GUE on "
              "UDP port 6080; "
              "only from 10.0.0.0/24, fd00::1");
    EXPECT_EQ(describe({.addresses = {parse_ip("10.0.0.11").value()},
                        .vips = {parse_ip("10.0.0.100").value()},
                        .gue_port = 4754,
                        .allowed = {}}),
              "unwraps for 10.0.0.11; delivers to VIPs 10.0.0.100; GUE on UDP port 4754; from all "
              "sources");
}

TEST(Output, StartsWithTheInterfaceAndItsMode) {
    EXPECT_EQ(as_text(std::array{sample()}).find("eth0: native mode, unwraps for 10.0.0.11"), 0u);
}

TEST(Output, HasEveryCounterInTextAndJson) {
    const std::string text = as_text(std::array{sample()});
    const auto json = nlohmann::json::parse(as_json(std::array{sample()}));
    const auto& interface = json.at("interfaces").at(0);
    EXPECT_EQ(interface.at("unwrapped"), 100);
    for (const CounterText& drop : kDropTexts) {
        EXPECT_NE(text.find("dropped " + std::string(drop.name) + " "), std::string::npos);
        EXPECT_EQ(interface.at("dropped").at(std::string(drop.name)), 100 + drop.counter);
    }
}

TEST(Output, HasTheSettingsInJson) {
    const auto json = nlohmann::json::parse(as_json(std::array{sample()}));
    const auto& interface = json.at("interfaces").at(0);
    EXPECT_EQ(interface.at("addresses"), nlohmann::json({"10.0.0.11", "fd00::11"}));
    EXPECT_EQ(interface.at("vips"), nlohmann::json({"10.0.0.100", "fd00::100"}));
    EXPECT_EQ(interface.at("gue_port"), 6080);
    EXPECT_EQ(interface.at("allowed"), nlohmann::json({"10.0.0.0/24", "fd00::1"}));
}

TEST(Output, SaysAllInJsonIfAllSourcesAreAllowed) {
    InterfaceStatus open = sample();
    open.settings.allowed.clear();
    const auto json = nlohmann::json::parse(as_json(std::array{open}));
    EXPECT_EQ(json.at("interfaces").at(0).at("allowed"), "all");
}

TEST(Output, SaysThatThereIsNoDecapsulator) {
    EXPECT_EQ(as_text({}), "no interface has the decapsulator\n");
}

}  // namespace
}  // namespace vipfwd::decap
