// SPDX-License-Identifier: Apache-2.0
#include "control/group/command_message.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "control/group/peer_message.h"
#include "control/group/wire_numbers.h"

namespace vipfwd::group {
namespace {

constexpr std::size_t kTextsOfCommandAt = 32;
constexpr std::size_t kErrorAt = 24;
constexpr std::size_t kLongestText = 255;

constexpr std::uint8_t kHasState = 1;
constexpr std::uint8_t kHasWeight = 2;
constexpr std::uint8_t kHasConfiguredWeight = 4;

bool is_text_byte(std::uint8_t byte) {
    return byte >= ' ' && byte < 0x7f;
}

void append_text(std::vector<std::uint8_t>& bytes, std::string_view text) {
    text = text.substr(0, kLongestText);
    bytes.push_back(static_cast<std::uint8_t>(text.size()));
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        bytes.push_back(is_text_byte(byte) ? byte : '?');
    }
}

// Moves `at` behind the text. nullopt: there is none.
std::optional<std::string> read_text(std::span<const std::uint8_t> bytes, std::size_t& at) {
    if (at >= bytes.size() || bytes.size() - at - 1 < bytes[at])
        return std::nullopt;
    const auto text = bytes.subspan(at + 1, bytes[at]);
    at += 1 + text.size();
    if (!std::ranges::all_of(text, is_text_byte))
        return std::nullopt;
    return std::string(text.begin(), text.end());
}

std::uint8_t has_of(const health::AdminChange& change) {
    std::uint8_t has = change.state ? kHasState : 0;
    if (change.changes_weight)
        has |= change.weight ? kHasWeight : kHasConfiguredWeight;
    return has;
}

// Whether it is one that an operator may choose.
bool is_choice(std::uint8_t state) {
    return state < health::kAdminNames.size() &&
           !health::is_of_agent(static_cast<abi::BackendAdmin>(state));
}

}  // namespace

std::vector<std::uint8_t> encode(const CommandMessage& message) {
    const health::AdminChange& change = message.change;
    std::vector<std::uint8_t> bytes = encode_header(PeerMessageKind::kCommand, message.group_id);
    append_number(bytes, message.session);
    append_number(bytes, message.id);
    bytes.push_back(has_of(change));
    bytes.push_back(static_cast<std::uint8_t>(change.state.value_or(abi::BackendAdmin::kReady)));
    append_number(bytes, static_cast<std::uint16_t>(change.weight.value_or(0)));
    append_number(bytes, change.flows_move_after_s);
    append_text(bytes, change.pool);
    append_text(bytes, change.backend);
    return bytes;
}

std::vector<std::uint8_t> encode(const AnswerMessage& message) {
    std::vector<std::uint8_t> bytes = encode_header(PeerMessageKind::kAnswer, message.group_id);
    append_number(bytes, message.id);
    append_number(bytes, message.outcome.serving);
    append_number(bytes, message.outcome.backends);
    append_text(bytes, message.outcome.error);
    return bytes;
}

std::optional<CommandMessage> decode_command(std::span<const std::uint8_t> bytes) {
    if (kind_of(bytes) != PeerMessageKind::kCommand || bytes.size() < kTextsOfCommandAt)
        return std::nullopt;
    CommandMessage message;
    message.group_id = group_id_of(bytes);
    message.session = read_number<std::uint64_t>(bytes, 8);
    message.id = read_number<std::uint64_t>(bytes, 16);
    health::AdminChange& change = message.change;
    if ((bytes[24] & kHasState) != 0) {
        if (!is_choice(bytes[25]))
            return std::nullopt;
        change.state = static_cast<abi::BackendAdmin>(bytes[25]);
        change.flows_move_after_s = read_number<std::uint32_t>(bytes, 28);
    }
    change.changes_weight = (bytes[24] & (kHasWeight | kHasConfiguredWeight)) != 0;
    if ((bytes[24] & kHasWeight) != 0)
        change.weight = read_number<std::uint16_t>(bytes, 26);
    std::size_t at = kTextsOfCommandAt;
    std::optional<std::string> pool = read_text(bytes, at);
    std::optional<std::string> backend = pool ? read_text(bytes, at) : std::nullopt;
    if (!backend || has_of(change) == 0)
        return std::nullopt;
    change.pool = std::move(*pool);
    change.backend = std::move(*backend);
    return message;
}

std::optional<AnswerMessage> decode_answer(std::span<const std::uint8_t> bytes) {
    if (kind_of(bytes) != PeerMessageKind::kAnswer || bytes.size() < kErrorAt)
        return std::nullopt;
    std::size_t at = kErrorAt;
    std::optional<std::string> error = read_text(bytes, at);
    if (!error)
        return std::nullopt;
    return AnswerMessage{.group_id = group_id_of(bytes),
                         .id = read_number<std::uint64_t>(bytes, 8),
                         .outcome = {.error = std::move(*error),
                                     .serving = read_number<std::uint32_t>(bytes, 16),
                                     .backends = read_number<std::uint32_t>(bytes, 20)}};
}

}  // namespace vipfwd::group
