// SPDX-License-Identifier: Apache-2.0
#include "control/decap/report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/decap/counters.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::decap {
namespace {

std::string line(const std::string& label, std::uint64_t count, std::string_view description) {
    std::array<char, 64> columns{};
    std::snprintf(columns.data(), columns.size(), "  %-28s%12llu", label.c_str(),
                  static_cast<unsigned long long>(count));
    return std::string(columns.data()) + (description.empty() ? "" : "  ") +
           std::string(description) + "\n";
}

}  // namespace

std::string_view name(bpf::XdpMode mode) {
    switch (mode) {
        case bpf::XdpMode::kNative:
            return "native";
        case bpf::XdpMode::kGeneric:
            return "generic";
        case bpf::XdpMode::kOffloaded:
            return "offloaded";
    }
    return "unknown";
}

std::string list(std::span<const IpAddress> addresses) {
    std::string text;
    for (const IpAddress& address : addresses)
        text += (text.empty() ? "" : ", ") + to_string(address);
    return text;
}

std::string as_text(std::span<const InterfaceStatus> interfaces) {
    std::string text;
    for (const InterfaceStatus& one : interfaces) {
        text += one.interface + ": " + std::string(name(one.mode)) + " mode, unwraps for " +
                list(one.addresses) + "\n";
        text += line("unwrapped", one.counters[DECAP_UNWRAPPED], "");
        for (const CounterText& drop : kDropTexts) {
            text += line("dropped " + std::string(drop.name), one.counters[drop.counter],
                         drop.description);
        }
    }
    return text.empty() ? "no interface has the decapsulator\n" : text;
}

std::string as_json(std::span<const InterfaceStatus> interfaces) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const InterfaceStatus& one : interfaces) {
        nlohmann::ordered_json addresses = nlohmann::ordered_json::array();
        for (const IpAddress& address : one.addresses)
            addresses.push_back(to_string(address));
        nlohmann::ordered_json dropped;
        for (const CounterText& drop : kDropTexts)
            dropped[std::string(drop.name)] = one.counters[drop.counter];
        list.push_back({{"name", one.interface},
                        {"mode", name(one.mode)},
                        {"addresses", addresses},
                        {"unwrapped", one.counters[DECAP_UNWRAPPED]},
                        {"dropped", dropped}});
    }
    return nlohmann::ordered_json{{"interfaces", list}}.dump(2) + "\n";
}

}  // namespace vipfwd::decap
