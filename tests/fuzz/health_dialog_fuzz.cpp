// SPDX-License-Identifier: Apache-2.0
// Fuzzes what servers answer to health checks: a dialog must end within its limits whatever comes,
// with a reason if it fails, and may not depend on how a stream is cut into pieces.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/health/agent_dialog.h"
#include "control/health/amqp_dialog.h"
#include "control/health/dns_dialog.h"
#include "control/health/mysql_dialog.h"
#include "control/health/text_dialog.h"
#include "tests/fuzz/bytes.h"

namespace {

using namespace vipfwd;
using health::ProbeResult;

constexpr std::uint8_t kTypes = 5;
constexpr std::uint8_t kDnsType = 3;
constexpr std::uint16_t kDnsId = 0x6467;  // as the seeds have it

config::Check make_check(std::uint8_t options) {
    config::Check check;
    check.type = config::CheckType::kTcp;
    check.receive = "PONG";
    check.user = "vipfwd";
    check.password = (options & 1) != 0 ? "secret" : "";
    check.name = "example.org";
    check.record = (options & 1) != 0 ? config::DnsType::kTxt : config::DnsType::kMx;
    check.expect_answer = "mx.example.org";
    return check;
}

std::unique_ptr<health::Dialog> make_dialog(std::uint8_t type, const config::Check& check) {
    switch (type % kTypes) {
        case 0:
            return std::make_unique<health::TextDialog>(check);
        case 1:
            return std::make_unique<health::AmqpDialog>();
        case 2:
            return std::make_unique<health::MysqlDialog>(check);
        case kDnsType:
            return std::make_unique<health::DnsDialog>(check, kDnsId);
        default:
            return std::make_unique<health::AgentDialog>();
    }
}

void check_result(const ProbeResult& result) {
    constexpr std::size_t kLongestReason = 600;
    if (result.is_good() != result.reason.empty() || result.reason.size() > kLongestReason)
        std::abort();
}

// What becomes of the answer, given in pieces of so many bytes.
ProbeResult::Kind judge(health::Dialog& dialog, const std::vector<std::uint8_t>& answer,
                        std::size_t piece_bytes) {
    dialog.begin();
    std::string reply;
    for (std::size_t at = 0; at < answer.size(); at += piece_bytes) {
        const std::size_t end = answer.size() - at < piece_bytes ? answer.size() : at + piece_bytes;
        // In memory of its own, so that a sanitizer notices any access beyond.
        const std::vector<char> piece(answer.begin() + static_cast<std::ptrdiff_t>(at),
                                      answer.begin() + static_cast<std::ptrdiff_t>(end));
        if (const auto result = dialog.receive({piece.data(), piece.size()}, reply)) {
            check_result(*result);
            return result->kind;
        }
    }
    for (const auto end : {health::DialogEnd::kClosed, health::DialogEnd::kTooLong})
        check_result(dialog.judge_end(end).value());
    if (const auto result = dialog.judge_end(health::DialogEnd::kTimeout))
        check_result(*result);
    return dialog.judge_end(health::DialogEnd::kClosed)->kind;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto type = input.take<std::uint8_t>();
    const auto options = input.take<std::uint8_t>();
    const std::vector<std::uint8_t> answer = input.take_all();
    const config::Check check = make_check(options);
    const auto whole = make_dialog(type, check);
    const ProbeResult::Kind kind = judge(*whole, answer, answer.size() + 1);
    const bool is_stream = type % kTypes != kDnsType;
    if (is_stream && judge(*make_dialog(type, check), answer, 1u + options / 2) != kind)
        std::abort();
    return 0;
}
