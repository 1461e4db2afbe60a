// SPDX-License-Identifier: Apache-2.0
#include "control/api/backend_commands.h"

#include <cstdint>
#include <optional>
#include <string>

#include "control/api/arguments.h"
#include "control/text/number.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using protocol::Command;

// 0 if there is none.
Result<std::uint32_t> parse_deadline_s(const Json& arguments) {
    const std::string written = text_argument(arguments, "deadline");
    return written.empty() ? Result<std::uint32_t>(0) : parse_duration_s("deadline", written);
}

// nullopt: the configured one.
Result<std::optional<std::uint32_t>> parse_weight(const Json& arguments) {
    using Weight = std::optional<std::uint32_t>;
    const std::string written = text_argument(arguments, "weight");
    if (written == "configured")
        return Weight();
    const Weight weight = text::parse_number<std::uint16_t>(written);
    if (!weight)
        return Error{"weight " + text::quote(written) +
                     ": write a number from 0 to 65535, or \"configured\""};
    return weight;
}

// nullopt: the command is about something else.
std::optional<abi::BackendAdmin> state_of(Command command) {
    switch (command) {
        case Command::kBackendDrain:
            return abi::BackendAdmin::kDrain;
        case Command::kBackendMaint:
            return abi::BackendAdmin::kMaint;
        case Command::kBackendReady:
            return abi::BackendAdmin::kReady;
        default:
            return std::nullopt;
    }
}

Json peer_json(const group::PeerOutcome& peer) {
    const group::CommandOutcome& outcome = peer.outcome;
    return {{"gateway", to_string(peer.peer)},
            {"error", outcome.error.empty() ? Json() : Json(outcome.error)},
            {"serving", outcome.serving},
            {"backends", outcome.backends}};
}

}  // namespace

Result<health::AdminChange> parse_change(Command command, const Json& arguments) {
    health::AdminChange change = {.pool = text_argument(arguments, "pool"),
                                  .backend = text_argument(arguments, "backend"),
                                  .state = state_of(command)};
    if (command == Command::kBackendMaint) {
        const Result<std::uint32_t> deadline_s = parse_deadline_s(arguments);
        if (!deadline_s)
            return deadline_s.error();
        change.flows_move_after_s = *deadline_s;
    }
    if (command == Command::kBackendWeight) {
        const Result<std::optional<std::uint32_t>> weight = parse_weight(arguments);
        if (!weight)
            return weight.error();
        change.changes_weight = true;
        change.weight = *weight;
    }
    return change;
}

Json change_json(const health::AdminChange& change, const view::BackendCount& count,
                 const std::vector<group::PeerOutcome>& peers) {
    Json json = {{"pool", change.pool},
                 {"backend", change.backend},
                 {"serving", count.serving},
                 {"backends", count.all()}};
    for (const group::PeerOutcome& peer : peers)
        json["peers"].push_back(peer_json(peer));
    return json;
}

}  // namespace vipfwd::api
