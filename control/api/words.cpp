// SPDX-License-Identifier: Apache-2.0
#include "control/api/words.h"

#include "dataplane/abi/address_text.h"

namespace vipfwd::api {

std::string_view word(net::HopState state) {
    switch (state) {
        case net::HopState::kStatic:
            return "static";
        case net::HopState::kReachable:
            return "reachable";
        case net::HopState::kStale:
            return "stale";
        case net::HopState::kLost:
            return "lost (last known)";
        case net::HopState::kResolving:
            return "resolving";
        case net::HopState::kNoRoute:
            return "no route";
        case net::HopState::kNotViaPort:
            return "not via a port";
        case net::HopState::kOwnAddress:
            return "own address";
        case net::HopState::kNoStaticNeighbor:
            return "no static neighbor";
        case net::HopState::kUntracked:
            break;
    }
    return "not tracked";
}

std::string_view word(view::Health::Verdict verdict) {
    switch (verdict) {
        case view::Health::Verdict::kOk:
            return "ok";
        case view::Health::Verdict::kDegraded:
            return "degraded";
        case view::Health::Verdict::kDown:
            break;
    }
    return "down";
}

std::string_view word(health::Verdict verdict) {
    switch (verdict) {
        case health::Verdict::kGood:
            return "up";
        case health::Verdict::kBad:
            return "down";
        case health::Verdict::kUnknown:
            break;
    }
    return "unknown";
}

std::string_view word(health::ProbeResult::Kind result) {
    switch (result) {
        case health::ProbeResult::Kind::kGood:
            return "good";
        case health::ProbeResult::Kind::kUnreachable:
            return "unreachable";
        case health::ProbeResult::Kind::kFailed:
            return "failed";
        case health::ProbeResult::Kind::kNone:
            break;
    }
    return "none";
}

std::string_view word(abi::BackendHealth health) {
    switch (health) {
        case abi::BackendHealth::kUp:
            return "up";
        case abi::BackendHealth::kDown:
            return "down";
        case abi::BackendHealth::kUnknown:
            return "unknown";
        case abi::BackendHealth::kUnchecked:
            break;
    }
    return "unchecked";
}

std::string_view word(abi::BackendAdmin admin) {
    return health::name(admin);
}

std::string port_range(std::uint16_t first, std::uint16_t last) {
    if (first == 0 && last == 65535)
        return "any";
    if (first == last)
        return std::to_string(first);
    return std::to_string(first) + "-" + std::to_string(last);
}

Json to_json(const view::NextHop& hop) {
    Json shown;
    shown["resolved"] = hop.mac.has_value();
    shown["mac"] = hop.mac ? Json(to_string(*hop.mac)) : Json();
    shown["port"] = value_or_null(hop.port);
    shown["state"] = word(hop.state);
    return shown;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

}  // namespace vipfwd::api
