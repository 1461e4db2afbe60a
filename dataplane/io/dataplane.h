// SPDX-License-Identifier: Apache-2.0
// The main thread of the dataplane: gets the region from control, takes generations from the
// region, offers them to the workers, and writes the status. Once the workers forward, nothing that
// control does or fails to do stops them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/mapping.h"
#include "dataplane/abi/result.h"
#include "dataplane/host/control_link.h"
#include "dataplane/host/port_status.h"
#include "dataplane/io/forwarder.h"
#include "dataplane/path/generation_intake.h"

namespace vipfwd::io {

class Dataplane {
  public:
    explicit Dataplane(const std::string& run_directory);
    Dataplane(const Dataplane&) = delete;
    Dataplane& operator=(const Dataplane&) = delete;

    // Runs until a stop is requested or a replay is over.
    Result<void> run();

  private:
    using Clock = std::chrono::steady_clock;
    using Region = std::shared_ptr<abi::RegionMapping>;

    std::chrono::microseconds poll_period() const;
    void wait_for_region();
    void handle_region(abi::Fd fd);
    Result<void> accept_region(abi::Fd fd);
    void enter_region(Region region);
    void warn_if_boot_changed();
    Result<void> take_generation();
    void reject(std::uint64_t generation, const std::string& why);
    void finish_change();
    void send_ready();
    void follow_interfaces();
    void report();
    void report_now();
    bool prepare_stop();
    bool owns_vips() const;
    void leave_region();

    std::string run_directory_;
    host::ControlLink link_;
    std::uint64_t started_at_s_;  // CLOCK_BOOTTIME
    abi::BootParameters boot_{};  // with which this process was started
    std::uint64_t seen_boot_checksum_ = 0;
    std::unique_ptr<Forwarder> forwarder_;

    std::optional<path::GenerationIntake> intake_;  // of forwarder_->exchange()

    Region region_;                             // to which control writes
    bool ready_ = false;                        // the first generation is in force
    std::optional<Clock::time_point> stop_by_;  // set once a stop is requested
    Clock::time_point linger_until_{};

    std::vector<host::PortFacts> facts_;
    host::PortStatusWriter port_status_;
    Clock::time_point next_report_{};
};

}  // namespace vipfwd::io
