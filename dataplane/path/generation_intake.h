// SPDX-License-Identifier: Apache-2.0
// Takes generations from the region as control publishes them, and offers them to the workers. For
// the main thread; it neither waits nor logs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dataplane/abi/mapping.h"
#include "dataplane/abi/validate.h"
#include "dataplane/host/port_facts.h"
#include "dataplane/path/exchange.h"

namespace vipfwd::path {

class GenerationIntake {
  public:
    // `exchange` must outlive it.
    explicit GenerationIntake(Exchange& exchange) : exchange_(exchange) {}

    // Takes generations from this region from now on. Until its first generation is in force, the
    // workers use the previous region, and count there.
    void use_region(std::shared_ptr<abi::RegionMapping> region);

    struct Taken {
        enum class Outcome { kNothing, kOffered, kRejected };
        Outcome outcome = Outcome::kNothing;
        std::uint64_t generation = 0;
        std::string error{};  // of kRejected: what is invalid
    };
    // Takes the active generation, unless it was taken or rejected before. Takes nothing while a
    // worker still uses an older snapshot than the one offered last.
    Taken take(std::span<const host::PortFacts> ports);

    // Call it often after an offer. True once for each offer: all workers use it now.
    bool finish_change();
    // True if all workers use the snapshot that was offered last, or none was offered yet.
    bool settled() const { return settled_; }

    // Makes take() judge the active generation again: because the port facts have changed, or
    // because a new control must hear of a rejection.
    void retake() { taken_word_ = 0; }
    bool rejected() const { return rejected_; }

  private:
    Exchange& exchange_;
    std::shared_ptr<abi::RegionMapping> region_;
    abi::RingCheck rings_;          // of region_
    std::uint64_t taken_word_ = 0;  // the value of `active` that was last taken or rejected
    bool rejected_ = false;         // taken_word_ was rejected
    bool settled_ = true;
};

}  // namespace vipfwd::path
