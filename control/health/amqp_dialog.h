// SPDX-License-Identifier: Apache-2.0
// The beginning of AMQP 0-9-1: the protocol header, which the server answers by Connection.Start if
// it takes connections. No user and no password are needed, and nothing is opened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/health/dialog.h"

namespace vipfwd::health {

class AmqpDialog : public Dialog {
  public:
    std::string begin() override;
    std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) override;
    std::optional<ProbeResult> judge_end(DialogEnd end) const override;

  private:
    std::string received_;
};

}  // namespace vipfwd::health
