// SPDX-License-Identifier: Apache-2.0
// Logs in to a MariaDB or MySQL server and asks for its state.
//
// The protocol is spoken here rather than by libmariadb, because a check along the data path marks
// its socket before the SYN is sent, which libmariadb gives no occasion for; and because libmariadb
// loads the authentication plugin that the server names, one of which sends the password in clear
// text. The password is given away by mysql_native_password only, as a hash of a challenge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/config/model.h"
#include "control/health/dialog.h"
#include "control/health/mysql_packet.h"
#include "control/health/mysql_state.h"

namespace vipfwd::health {

class MysqlDialog : public Dialog {
  public:
    // `check` must outlive the dialog.
    explicit MysqlDialog(const config::Check& check) : check_(check) {}

    std::string begin() override { return ""; }
    std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) override;
    std::optional<ProbeResult> judge_end(DialogEnd end) const override;

  private:
    enum class Phase { kGreeting, kLogin, kColumnCount, kColumns, kRows, kQuitting };

    // Each gets the next packet of its phase. A result ends the dialog at once.
    std::optional<ProbeResult> read(std::string_view payload, std::string& reply);
    std::optional<ProbeResult> read_greeting(std::string_view payload, std::string& reply);
    std::optional<ProbeResult> read_login_answer(std::string_view payload, std::string& reply);
    std::optional<ProbeResult> answer_plugin(std::string_view payload, std::string& reply);
    std::optional<ProbeResult> read_column_count(std::string_view payload);
    std::optional<ProbeResult> read_column(std::string_view payload);
    std::optional<ProbeResult> read_row(std::string_view payload, std::string& reply);

    std::string encode_login(std::string_view authentication) const;
    void send_packet(std::string_view payload, std::string& reply);
    void send_command(char command, std::string_view argument, std::string& reply);
    void send_query(std::string& reply);

    const config::Check& check_;
    MysqlStream stream_;
    Phase phase_ = Phase::kGreeting;
    std::uint8_t sequence_ = 0;  // of the next packet
    std::size_t query_ = 0;      // index into kMysqlQueries
    MysqlState state_;
    std::optional<ProbeResult> result_;  // while it waits for the server to close the connection
};

}  // namespace vipfwd::health
