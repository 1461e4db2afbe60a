// SPDX-License-Identifier: Apache-2.0
#include "control/health/agent_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/health/agent.h"
#include "control/health/failure.h"

namespace vipfwd::health {
namespace {

ProbeResult judge(std::string_view line) {
    Result<AgentAnswer> answer = parse_agent_answer(line);
    if (!answer)
        return failed(answer.error().message);
    ProbeResult result = good();
    result.agent = std::move(*answer);
    return result;
}

}  // namespace

std::optional<ProbeResult> AgentDialog::receive(std::string_view bytes, std::string&) {
    received_ += bytes;
    const std::size_t end = received_.find_first_of("\r\n");
    if (std::min(end, received_.size()) > kMaxLineBytes)
        return failed(fmt::format("the agent's answer has no end of line in its first {} bytes",
                                  kMaxLineBytes));
    if (end == std::string::npos)
        return std::nullopt;
    return judge(std::string_view(received_).substr(0, end));
}

std::optional<ProbeResult> AgentDialog::judge_end(DialogEnd end) const {
    if (end != DialogEnd::kTimeout)
        return judge(received_);
    if (received_.empty())
        return std::nullopt;
    return failed("the agent's answer has no end of line: " + quote_answer(received_));
}

}  // namespace vipfwd::health
