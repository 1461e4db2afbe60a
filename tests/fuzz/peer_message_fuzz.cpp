// SPDX-License-Identifier: Apache-2.0
// Fuzzes the messages of other gateways: what is decoded must be encoded as it was decoded, and
// what looks like a trailer must be long enough to be one.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "control/group/command_message.h"
#include "control/group/findings_report.h"
#include "control/group/peer_message.h"
#include "tests/fuzz/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    const std::vector<std::uint8_t> bytes = fuzz::Input(data, size).take_all();
    if (group::has_trailer(bytes) != (group::without_trailer(bytes).size() < bytes.size()))
        std::abort();
    const auto message = group::decode_peer_message(bytes);
    if (message && group::decode_peer_message(group::encode(*message)) != message)
        std::abort();
    const auto report = group::decode_report(bytes);
    if (report && group::decode_report(group::encode(*report)) != report)
        std::abort();
    const auto command = group::decode_command(bytes);
    if (command && group::decode_command(group::encode(*command)) != command)
        std::abort();
    const auto answer = group::decode_answer(bytes);
    if (answer && group::decode_answer(group::encode(*answer)) != answer)
        std::abort();
    return 0;
}
