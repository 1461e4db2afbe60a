// SPDX-License-Identifier: Apache-2.0
// Something that has changed on the gateway: when, what, and why.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/protocol/json.h"

namespace vipfwd::events {

enum class Object : std::uint8_t {
    kBackend,
    kPool,
    kGroup,
    kPort,
    kConfig,
    kDataplane,
    kLast = kDataplane
};
enum class Level : std::uint8_t { kInfo, kWarning, kError, kLast = kError };

struct Event {
    std::uint64_t id = 0;      // later events have larger ones
    std::int64_t time_ms = 0;  // Unix time
    Level level = Level::kInfo;
    Object object = Object::kConfig;
    std::string name = {};    // of the object: "web/be1" of a backend; may be empty
    std::string change = {};  // what has become of the object: "down"
    std::string cause = {};   // may be empty

    friend bool operator==(const Event&, const Event&) = default;
};

// Takes an event whose id and time are not set yet, see EventLog::record().
using Record = std::function<void(Event event)>;

// "backend", as in commands and in JSON.
std::string_view word(Object object);
std::optional<Object> find_object(std::string_view word);
std::string_view word(Level level);

// "backend web/be1: down: connection refused".
std::string to_string(const Event& event);

// {"id", "time_ms", "level": "info" | "warning" | "error",
//  "object": "backend" | "pool" | "group" | "port" | "config" | "dataplane",
//  "name", "change", "cause"}
Json to_json(const Event& event);
// nullopt: it is not of this form.
std::optional<Event> event_of(const Json& json);

}  // namespace vipfwd::events
