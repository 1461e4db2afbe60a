// SPDX-License-Identifier: Apache-2.0
// The main thread: gets the region from control and generations from the region, hands them to the
// workers, and reports. Once it forwards, nothing that control does or fails to do stops it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/mapping.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/validate.h"
#include "dataplane/host/control_link.h"
#include "dataplane/host/port_status.h"
#include "dataplane/io/forwarder.h"

namespace vipfwd::io {

class Dataplane {
  public:
    explicit Dataplane(const std::string& run_directory);
    Dataplane(const Dataplane&) = delete;
    Dataplane& operator=(const Dataplane&) = delete;

    // All of its life: until it is asked to stop, or a replay is over.
    Result<void> run();

  private:
    using Clock = std::chrono::steady_clock;
    using Region = std::shared_ptr<abi::RegionMapping>;

    void wait_for_region();
    void meet_control(abi::Fd fd);
    Result<void> accept_region(abi::Fd fd);
    void enter_region(Region region);
    void compare_boot();
    Result<void> take_generation();
    void reject(std::uint64_t generation, const std::string& why);
    void settle();
    void tell_ready();
    void report();
    bool may_stop();
    bool owns_vips() const;
    void leave_region();

    std::string run_directory_;
    host::ControlLink link_;
    std::uint64_t started_at_s_;  // CLOCK_BOOTTIME
    abi::BootParameters boot_{};  // as this process was started with
    std::uint64_t seen_boot_checksum_ = 0;
    std::unique_ptr<Forwarder> forwarder_;

    Region region_;                 // that control writes to
    abi::RingCheck rings_;          // of that region
    std::uint64_t taken_word_ = 0;  // `active`, as it was last judged
    bool rejected_ = false;         // and did not hold
    bool settled_ = true;           // all workers use what was offered last
    bool ready_ = false;
    std::optional<Clock::time_point> leave_by_;  // once asked to stop
    Clock::time_point linger_until_{};

    std::vector<host::PortFacts> facts_;
    host::PortStatusWriter port_status_;
    Clock::time_point next_report_{};
};

}  // namespace vipfwd::io
