// SPDX-License-Identifier: Apache-2.0
// Reads the line that an agent on a backend sends when it is connected to. The result, if good, has
// the answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "control/health/dialog.h"

namespace vipfwd::health {

class AgentDialog : public Dialog {
  public:
    // What an agent may send before the end of its line.
    static constexpr std::size_t kMaxLineBytes = 1024;

    std::string begin() override { return {}; }
    std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) override;
    std::optional<ProbeResult> judge_end(DialogEnd end) const override;

  private:
    std::string received_;
};

}  // namespace vipfwd::health
