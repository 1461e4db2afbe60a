// SPDX-License-Identifier: Apache-2.0
#include "control/decap/output.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/decap/drop_texts.h"
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

// "10.0.0.1, 10.0.0.2"
template <typename Item>
std::string list(const std::vector<Item>& items) {
    std::string text;
    for (const Item& item : items)
        text += (text.empty() ? "" : ", ") + to_string(item);
    return text;
}

template <typename Item>
nlohmann::ordered_json json_list(const std::vector<Item>& items) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Item& item : items)
        list.push_back(to_string(item));
    return list;
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

std::string describe(const Settings& settings) {
    const std::string sources =
        settings.allowed.empty() ? "from all sources" : "only from " + list(settings.allowed);
    return "unwraps for " + list(settings.addresses) + "; delivers to VIPs " + list(settings.vips) +
           "; GUE on UDP port " + std::to_string(settings.gue_port) + "; " + sources;
}

std::string as_text(std::span<const InterfaceStatus> interfaces) {
    std::string text;
    for (const InterfaceStatus& one : interfaces) {
        text += one.interface + ": " + std::string(name(one.mode)) + " mode, " +
                describe(one.settings) + "\n";
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
        nlohmann::ordered_json dropped;
        for (const CounterText& drop : kDropTexts)
            dropped[std::string(drop.name)] = one.counters[drop.counter];
        list.push_back({{"name", one.interface},
                        {"mode", name(one.mode)},
                        {"addresses", json_list(one.settings.addresses)},
                        {"vips", json_list(one.settings.vips)},
                        {"gue_port", one.settings.gue_port},
                        {"allowed", one.settings.allowed.empty() ? nlohmann::ordered_json("all")
                                                                 : json_list(one.settings.allowed)},
                        {"unwrapped", one.counters[DECAP_UNWRAPPED]},
                        {"dropped", dropped}});
    }
    return nlohmann::ordered_json{{"interfaces", list}}.dump(2) + "\n";
}

}  // namespace vipfwd::decap
