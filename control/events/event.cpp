// SPDX-License-Identifier: Apache-2.0
#include "control/events/event.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "dataplane/abi/enum.h"

namespace vipfwd::events {
namespace {

constexpr std::array<std::string_view, abi::kEnumCount<Object>> kObjects = {
    "backend", "pool", "group", "port", "config", "dataplane"};
constexpr std::array<std::string_view, abi::kEnumCount<Level>> kLevels = {"info", "warning",
                                                                          "error"};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto at = std::ranges::find(words, word);
    if (at == words.end())
        return std::nullopt;
    return static_cast<Enum>(std::distance(words.begin(), at));
}

}  // namespace

std::string_view word(Object object) {
    return kObjects[static_cast<std::size_t>(object)];
}

std::optional<Object> find_object(std::string_view word) {
    return find<Object>(kObjects, word);
}

std::string_view word(Level level) {
    return kLevels[static_cast<std::size_t>(level)];
}

std::string to_string(const Event& event) {
    std::string text(word(event.object));
    if (!event.name.empty())
        text += " " + event.name;
    text += ": " + event.change;
    if (!event.cause.empty())
        text += ": " + event.cause;
    return text;
}

Json to_json(const Event& event) {
    return {{"id", event.id},
            {"time_ms", event.time_ms},
            {"level", word(event.level)},
            {"object", word(event.object)},
            {"name", event.name},
            {"change", event.change},
            {"cause", event.cause}};
}

std::optional<Event> event_of(const Json& json) {
    try {
        const auto text = [&json](const char* key) { return json.at(key).get<std::string>(); };
        const auto object = find_object(text("object"));
        const auto level = find<Level>(kLevels, text("level"));
        if (!object || !level)
            return std::nullopt;
        return Event{.id = json.at("id").get<std::uint64_t>(),
                     .time_ms = json.at("time_ms").get<std::int64_t>(),
                     .level = *level,
                     .object = *object,
                     .name = text("name"),
                     .change = text("change"),
                     .cause = text("cause")};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace vipfwd::events
