// SPDX-License-Identifier: Apache-2.0
// Health checks of backends: the thread that runs them, and what the gateway's loop needs of it.
//
// The thread has a loop of its own, so that checks delay no election, however many there are and
// whatever the servers answer. It never has real-time priority. The gateway's loop gives it
// configurations and gets Standings, immutable values, of which the tables are built:
//
//   put_in_force ──configure()──> Checker ──> Prober ──> probes
//   table::build <── Standings ────┘
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "control/config/model.h"
#include "control/health/checker.h"
#include "control/health/prober.h"
#include "control/health/standing.h"
#include "control/health/tunnel_path.h"
#include "control/loop/loop.h"
#include "control/loop/mailbox.h"

namespace vipfwd::health {

// A check for showing.
struct CheckView {
    Target target;
    Standing standing = {};        // by the check and its agent together
    std::int64_t since_ms = 0;     // see Checker::Check
    std::int64_t held_down_s = 0;  // for so long good results do not count, because it flaps
    CheckRecord record = {};
    std::optional<CheckRecord> agent = {};  // nullopt: none is asked
};

struct CheckViews {
    static constexpr std::uint32_t kUnchecked = 0xffffffff;

    std::shared_ptr<const config::Config> config;   // null: nothing is checked yet
    std::shared_ptr<const BackendNumbers> numbers;  //
    std::vector<CheckView> checks;                  // in no order
    std::vector<std::uint32_t> of_backends;         // by number: index into checks, or kUnchecked
};

class Checks {
  public:
    // Changes of one moment are told together, then at most every kTell_ms.
    static constexpr std::int64_t kTell_ms = 20;
    // Until all checks have a result after the start, standings are told after so long at the
    // latest.
    static constexpr std::int64_t kFirstRound_ms = 2000;

    // `on_change` is called from `loop` with standings that replace all before: for each
    // configuration, and after each change.
    Checks(Loop& loop, std::function<void(std::shared_ptr<const Standings>)> on_change);
    // Abandons the attempts that run.
    ~Checks();
    Checks(const Checks&) = delete;
    Checks& operator=(const Checks&) = delete;

    // From the loop. Checks the backends of `config` from now on. Verdicts of backends that
    // `recall` knows go on; it is called on the thread.
    void configure(std::shared_ptr<const config::Config> config, Checker::Recall recall);

    // From the loop, before configure(). The region has notes of checks, see Checker::use_notes();
    // nothing else may write them until this ends. If a control of before wrote them, on_change
    // is not called before configure(): what the checks have found out without them is void.
    void use_notes(std::span<abi::CheckNote> area, bool are_recalled);

    // From the loop. What checks through tunnels need of this machine; null: nothing is known.
    void use(std::shared_ptr<const TunnelNetwork> network);

    // From any thread. What the checks have found out; waits while the thread changes it.
    CheckViews views() const;

  private:
    void run_configure(std::shared_ptr<const config::Config> config, const Checker::Recall& recall);
    void on_changed();
    void tell();

    std::function<void(std::shared_ptr<const Standings>)> on_change_;
    std::uint64_t recalls_ = 0;  // of use_notes(), on the gateway's loop
    Mailbox to_gateway_;
    Loop loop_;
    Mailbox inbox_;  // of loop_
    Prober prober_;
    Timer next_tell_;
    std::int64_t told_at_ns_ = 0;
    std::int64_t first_round_ends_ns_ = 0;  // 0: nothing was configured yet
    bool has_told_ = false;
    std::uint64_t recalls_followed_ = 0;  // of recalls_, in the standings that are told
    std::uint64_t recalls_seen_ = 0;      // of which the next configure() follows
    mutable std::mutex mutex_;            // of checker_, which only the thread changes
    Checker checker_;
    std::thread thread_;  // the last member: it ends first
};

}  // namespace vipfwd::health
