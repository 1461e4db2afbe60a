// SPDX-License-Identifier: Apache-2.0
// Writes generations into a region, so that a reader sees the one before or the next, never a
// mixture.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "control/table/build.h"
#include "dataplane/abi/mapping.h"
#include "dataplane/abi/result.h"

namespace vipfwd::table {

class Publisher {
  public:
    // Makes a region with nothing published.
    static Result<Publisher> create(const abi::BootParameters& boot);

    // Takes over a region that a dataplane handed back: its generation in force is checked and
    // read.
    static Result<Publisher> adopt(abi::Fd fd);

    // Puts `build` in force as the next generation. `readers_caught_up`: no live worker uses
    // anything but the generation in force (all_acknowledged, or there is no dataplane); else the
    // rings of all generations that it may still use are left alone. On an error nothing is
    // changed.
    Result<void> publish(Build build, bool readers_caught_up);

    void write_boot_parameters(const abi::BootParameters& boot);

    std::uint64_t generation() const;  // in force; 0: none
    const Tables& in_force() const { return in_force_; }
    const abi::RegionMapping& region() const { return region_; }
    // To be written at any time, see abi::Claim.
    abi::LeaseArea& leases() { return region_.control_for_writing().leases; }

    // True if every running worker of the dataplane forwards by the generation in force.
    bool all_acknowledged() const;

    // The slots of a pool's ring in force; empty if it has none.
    std::span<const std::uint16_t> ring(const abi::PoolEntry& pool) const;

    Counters counters() const;

  private:
    explicit Publisher(abi::RegionMapping region);

    abi::RegionMapping region_;
    Tables in_force_;
    std::vector<bool> held_;  // ring stores of generations before that some worker may still use
};

}  // namespace vipfwd::table
