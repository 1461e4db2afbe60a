// SPDX-License-Identifier: Apache-2.0
#include "control/health/dns_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "control/config/choice.h"
#include "control/health/failure.h"
#include "control/text/quote.h"

namespace vipfwd::health {
namespace {

std::string describe_rcode(config::DnsRcode rcode) {
    return fmt::format("{} (rcode {})", config::word(rcode), static_cast<unsigned>(rcode));
}

ProbeResult judge_records(const DnsAnswer& answer, const std::string& expected) {
    if (std::ranges::find(answer.records, expected) != answer.records.end())
        return good();
    const std::string first =
        answer.records.empty() ? "no record" : quote_answer(answer.records.front());
    return failed(fmt::format("answer is {}{}, {} is expected{}", first,
                              answer.records.size() > 1 ? " and others" : "", text::quote(expected),
                              answer.is_truncated ? "; it is truncated" : ""));
}

}  // namespace

std::optional<ProbeResult> DnsDialog::receive(std::string_view bytes, std::string&) {
    const std::optional<DnsAnswer> answer = parse_dns_answer(bytes, question_);
    if (!answer) {
        has_ignored_ = true;
        return std::nullopt;
    }
    if (answer->rcode != check_.expect_rcode)
        return failed(fmt::format("answer is {}, {} is expected", describe_rcode(answer->rcode),
                                  config::word(check_.expect_rcode)));
    return check_.expect_answer.empty() ? good() : judge_records(*answer, check_.expect_answer);
}

std::optional<ProbeResult> DnsDialog::judge_end(DialogEnd end) const {
    if (end != DialogEnd::kTimeout)
        return failed("64 KiB of datagrams do not answer the question");
    if (!has_ignored_)
        return std::nullopt;
    return failed(
        fmt::format("no answer within {} ms, only datagrams that do not answer the question",
                    check_.timeout_ms));
}

}  // namespace vipfwd::health
