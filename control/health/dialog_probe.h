// SPDX-License-Identifier: Apache-2.0
// Checks a server by a dialog over one TCP connection, or by datagrams over UDP.
//
// Without a dialog, a TCP check is quiet: the kernel holds the acknowledgement of the SYN-ACK back,
// and the connection is reset before it is sent. The server's kernel has answered, the server never
// accepts. All connections end by RST, since those that end by FIN use up the local ports
// (TIME_WAIT).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "control/config/model.h"
#include "control/health/dialog.h"
#include "control/health/probe.h"
#include "control/health/probe_socket.h"
#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::health {

enum class Transport { kTcp, kUdp };

class DialogProbe : public Probe {
  public:
    // Starts at once. `check` must outlive the probe. UDP needs a dialog.
    DialogProbe(Loop& loop, const config::Check& check, const Way& way, Transport transport,
                std::unique_ptr<Dialog> dialog, OnProbed on_probed);

  private:
    enum class Phase { kConnecting, kSending, kReceiving };

    void start();
    void watch(FdWatch::Ready ready);
    void on_ready();
    void on_timer();
    // The next three go on as far as they can without waiting. nullopt: there is no result yet.
    std::optional<ProbeResult> advance();
    std::optional<ProbeResult> send();
    std::optional<ProbeResult> receive();
    ProbeResult judge_error(int error) const;
    ProbeResult judge_timeout() const;
    int connect() const;
    void end(ProbeResult result);

    Loop& loop_;
    const config::Check& check_;
    Way way_;
    Transport transport_;
    std::unique_ptr<Dialog> dialog_;  // null: quiet
    OnProbed on_probed_;
    Phase phase_ = Phase::kConnecting;
    std::string unsent_;
    std::size_t received_bytes_ = 0;
    std::int64_t deadline_ns_;
    std::optional<ProbeResult> early_result_;  // known at the start, reported by the timer
    abi::Fd socket_;
    std::optional<FdWatch> watch_;
    Timer timer_;
};

}  // namespace vipfwd::health
