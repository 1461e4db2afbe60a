// SPDX-License-Identifier: Apache-2.0
// Sends a text and looks for another one in the answer: checks of type "tcp" and "udp" with `send`
// or `receive`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/config/model.h"
#include "control/health/answer_search.h"
#include "control/health/dialog.h"

namespace vipfwd::health {

class TextDialog : public Dialog {
  public:
    // `check` must outlive the dialog.
    explicit TextDialog(const config::Check& check) : check_(check), answer_(check.receive) {}

    std::string begin() override { return check_.send; }
    std::optional<ProbeResult> judge_sent() const override;
    std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) override;
    std::optional<ProbeResult> judge_end(DialogEnd end) const override;

  private:
    bool is_udp() const { return check_.type == config::CheckType::kUdp; }

    const config::Check& check_;
    AnswerSearch answer_;
};

}  // namespace vipfwd::health
