// SPDX-License-Identifier: Apache-2.0
// Checks that a server accepts TCP connections and, if it is asked, how it answers.
//
// Without `send` and `receive`, the check is quiet: the kernel holds the acknowledgement of the
// SYN-ACK back, and the connection is reset before it is sent. The server's kernel has answered,
// the server never accepts. All connections end by RST, since those that end by FIN use up the
// local ports (TIME_WAIT).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "control/health/answer_search.h"
#include "control/health/probe.h"
#include "control/health/target.h"
#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::health {

class TcpProbe : public Probe {
  public:
    // Starts at once. `target` must outlive the probe.
    TcpProbe(Loop& loop, const Target& target, OnProbed on_probed);

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
    ProbeResult judge_end_of_answer() const;
    ProbeResult judge_timeout() const;
    int connect() const;
    void end(ProbeResult result);

    Loop& loop_;
    const Target& target_;
    OnProbed on_probed_;
    Phase phase_ = Phase::kConnecting;
    std::size_t sent_bytes_ = 0;
    AnswerSearch answer_;
    std::int64_t deadline_ns_;
    std::optional<ProbeResult> early_result_;  // known at the start, reported by the timer
    abi::Fd socket_;
    std::optional<FdWatch> watch_;
    Timer timer_;
};

}  // namespace vipfwd::health
