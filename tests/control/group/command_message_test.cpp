// SPDX-License-Identifier: Apache-2.0
#include "control/group/command_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "control/group/peer_message.h"

namespace vipfwd::group {
namespace {

const CommandMessage kDrainCommand{
    .group_id = 51,
    .session = 0x1112131415161718,
    .id = 0x2122232425262728,
    .change = {.pool = "web", .backend = "10.0.0.11", .state = abi::BackendAdmin::kDrain}};

const AnswerMessage kRefusal{
    .group_id = 51,
    .id = 0x2122232425262728,
    .outcome = {.error = "there is no pool 'web'", .serving = 2, .backends = 3}};

TEST(CommandMessage, HasItsFormOnTheWire) {
    CommandMessage message = kDrainCommand;
    message.change.changes_weight = true;
    message.change.weight = 0x0304;
    message.change.flows_move_after_s = 600;
    message.change.backend = "b";
    const std::vector<std::uint8_t> wanted = {
        'v',  'f',  'p',  '1',  3,    51,   0,    0,     // header
        0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,  // session
        0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,  // id
        3,    1,    3,    4,    0,    0,    2,    0x58,  // has, state, weight, delay
        3,    'w',  'e',  'b',  1,    'b'};
    EXPECT_EQ(encode(message), wanted);
}

TEST(CommandMessage, OfAnyChangeIsDecodedAsItWasEncoded) {
    const std::vector<health::AdminChange> changes = {
        {.pool = "web", .backend = "be1", .state = abi::BackendAdmin::kReady},
        {.pool = "web",
         .backend = "fd00::11",
         .state = abi::BackendAdmin::kMaint,
         .flows_move_after_s = 86'400},
        {.pool = "web", .backend = "be1", .changes_weight = true, .weight = 65'535},
        {.pool = "web", .backend = "be1", .changes_weight = true},
        {.pool = std::string(255, 'p'),
         .backend = "be1",
         .state = abi::BackendAdmin::kDrain,
         .changes_weight = true,
         .weight = 0},
    };
    for (const health::AdminChange& change : changes) {
        const CommandMessage message{.group_id = 1, .session = 2, .id = 3, .change = change};
        EXPECT_EQ(decode_command(encode(message)), message) << change.pool << " " << change.backend;
        EXPECT_FALSE(decode_answer(encode(message)));
        EXPECT_FALSE(decode_peer_message(encode(message)));
    }
}

TEST(CommandMessage, AsksForSomethingThatAnOperatorMayChoose) {
    std::vector<std::uint8_t> bytes = encode(kDrainCommand);
    bytes[24] = 0;
    EXPECT_FALSE(decode_command(bytes)) << "nothing";
    bytes[24] = 8;
    EXPECT_FALSE(decode_command(bytes)) << "what no version knows yet";
    bytes[24] = 1;
    for (const auto state : {abi::BackendAdmin::kAgentDrain, abi::BackendAdmin::kAgentMaint}) {
        bytes[25] = static_cast<std::uint8_t>(state);
        EXPECT_FALSE(decode_command(bytes)) << "only an agent says it";
    }
    bytes[25] = 200;
    EXPECT_FALSE(decode_command(bytes)) << "no state";
}

template <typename Decode>
void expect_whole(const std::vector<std::uint8_t>& whole, const Decode& decode) {
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(decode(std::span(whole).first(length))) << length;
    std::vector<std::uint8_t> longer = whole;
    longer.resize(whole.size() + 10, 0xff);
    EXPECT_EQ(decode(longer), decode(whole)) << "of a later version";
}

TEST(CommandMessage, IsIgnoredIfItIsCut) {
    expect_whole(encode(kDrainCommand), decode_command);
    expect_whole(encode(kRefusal), decode_answer);
}

TEST(CommandMessage, HasPrintableTexts) {
    std::vector<std::uint8_t> bytes = encode(kDrainCommand);
    bytes[33] = 0x1b;
    EXPECT_FALSE(decode_command(bytes));
    bytes = encode(kRefusal);
    bytes.back() = 0xc3;
    EXPECT_FALSE(decode_answer(bytes));
}

TEST(AnswerMessage, HasItsFormOnTheWire) {
    AnswerMessage message = kRefusal;
    message.outcome.error = "no";
    const std::vector<std::uint8_t> wanted = {
        'v',  'f',  'p',  '1',  4,    51,   0,    0,     // header
        0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,  // id
        0,    0,    0,    2,    0,    0,    0,    3,     // serving, backends
        2,    'n',  'o'};
    EXPECT_EQ(encode(message), wanted);
}

TEST(AnswerMessage, IsDecodedAsItWasEncoded) {
    EXPECT_EQ(decode_answer(encode(kRefusal)), kRefusal);
    AnswerMessage message = kRefusal;
    message.outcome.error.clear();
    EXPECT_EQ(decode_answer(encode(message)), message);
    message.outcome.error = std::string(300, 'x') + "\n";
    EXPECT_EQ(decode_answer(encode(message))->outcome.error, std::string(255, 'x'));
    message.outcome.error = "two\nlines, \xc3\xa4";
    EXPECT_EQ(decode_answer(encode(message))->outcome.error, "two?lines, ??");
}

}  // namespace
}  // namespace vipfwd::group
