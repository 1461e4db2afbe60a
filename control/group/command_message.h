// SPDX-License-Identifier: Apache-2.0
// The messages by which an operator's choice for a backend (health::AdminChange) is sent to another
// gateway of a group, and by which that gateway answers. They are of other kinds than those of
// peer_message.h. All numbers are big endian.
//
// A command:                                      An answer:
//    0  magic     4 bytes, "vfp1"                    0  magic     4 bytes, "vfp1"
//    4  kind      3                                  4  kind      4
//    5  group     the id of the virtual router       5  group     as in the command
//    6  reserved  2 bytes, 0                         6  reserved  2 bytes, 0
//    8  session   8 bytes: that of the receiver      8  id        8 bytes: as in the command
//   16  id        8 bytes: random                   16  serving   4 bytes: how many backends of the
//   24  has       bits: 1 state, 2 weight,                        pool get new connections
//                 4 the configured weight           20  backends  4 bytes: how many the pool has
//   25  state     abi::BackendAdmin                 24  error     a text; empty: it is in force
//   26  weight    2 bytes
//   28  delay     4 bytes: flows_move_after_s
//   32  pool      a text
//       backend   a text
//
// A text is its length in one byte, and that many bytes of printable ASCII. Both messages are only
// valid with the trailer that a key makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/health/admin.h"

namespace vipfwd::group {

struct CommandMessage {
    std::uint8_t group_id = 0;
    std::uint64_t session = 0;
    std::uint64_t id = 0;
    health::AdminChange change;

    friend bool operator==(const CommandMessage&, const CommandMessage&) = default;
};

// What became of a command.
struct CommandOutcome {
    std::string error = {};     // empty: it is in force
    std::uint32_t serving = 0;  // how many backends of the pool get new connections
    std::uint32_t backends = 0;

    friend bool operator==(const CommandOutcome&, const CommandOutcome&) = default;
};

struct AnswerMessage {
    std::uint8_t group_id = 0;
    std::uint64_t id = 0;
    CommandOutcome outcome = {};

    friend bool operator==(const AnswerMessage&, const AnswerMessage&) = default;
};

// Without a trailer. Texts are cut after 255 bytes; what is not printable in them becomes "?".
std::vector<std::uint8_t> encode(const CommandMessage& message);
std::vector<std::uint8_t> encode(const AnswerMessage& message);

// nullopt: it is no such message, or asks for nothing that this version knows. `bytes` have no
// trailer. Later versions may append something.
std::optional<CommandMessage> decode_command(std::span<const std::uint8_t> bytes);
std::optional<AnswerMessage> decode_answer(std::span<const std::uint8_t> bytes);

}  // namespace vipfwd::group
