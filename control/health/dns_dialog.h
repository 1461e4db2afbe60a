// SPDX-License-Identifier: Apache-2.0
// Asks a DNS server one question over UDP. Datagrams that do not answer it are ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/config/model.h"
#include "control/health/dialog.h"
#include "control/health/dns_message.h"

namespace vipfwd::health {

class DnsDialog : public Dialog {
  public:
    // `id` should be random. `check` must outlive the dialog.
    DnsDialog(const config::Check& check, std::uint16_t id)
        : check_(check), question_{id, check.name, static_cast<std::uint16_t>(check.record)} {}

    std::string begin() override { return encode_dns_question(question_); }
    std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) override;
    std::optional<ProbeResult> judge_end(DialogEnd end) const override;

  private:
    const config::Check& check_;
    DnsQuestion question_;
    bool has_ignored_ = false;
};

}  // namespace vipfwd::health
