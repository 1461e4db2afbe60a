// SPDX-License-Identifier: Apache-2.0
#include "control/health/text_dialog.h"

#include <fmt/format.h>

#include <string>

#include "control/health/failure.h"
#include "control/text/quote.h"

namespace vipfwd::health {

// A UDP server that is not there answers later, by ICMP: only the time-out says that none came.
std::optional<ProbeResult> TextDialog::judge_sent() const {
    if (check_.receive.empty() && !is_udp())
        return good();
    return std::nullopt;
}

std::optional<ProbeResult> TextDialog::receive(std::string_view bytes, std::string&) {
    if (check_.receive.empty())
        return good();
    answer_.add(bytes);
    return answer_.found() ? std::optional(good()) : std::nullopt;
}

std::optional<ProbeResult> TextDialog::judge_end(DialogEnd end) const {
    if (check_.receive.empty())
        return good();
    const std::string wanted = text::quote(check_.receive);
    if (answer_.is_empty()) {
        if (end == DialogEnd::kTimeout)
            return std::nullopt;
        return failed(fmt::format("connection closed without an answer, {} is expected", wanted));
    }
    std::string where;
    if (end == DialogEnd::kTooLong)
        where = " in its first 64 KiB";
    else if (end == DialogEnd::kTimeout)
        where = fmt::format(" within {} ms", check_.timeout_ms);
    return failed(fmt::format("answer does not contain {}{}: {}", wanted, where,
                              quote_answer(answer_.beginning())));
}

}  // namespace vipfwd::health
