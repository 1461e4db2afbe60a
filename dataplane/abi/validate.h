// SPDX-License-Identifier: Apache-2.0
// Nothing from the region is believed before it is checked here, by either side.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/changes.h"
#include "dataplane/abi/region.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::abi {

Result<void> validate(const RegionHeader& header);

std::uint64_t checksum_of(const BootParameters& boot);
Result<void> validate(const BootParameters& boot);

// Of what the header's counts say is used. Requires counts within the limits.
std::uint64_t checksum_of(const Generation& generation);
std::uint64_t checksum_of(std::span<const std::uint16_t> ring);

// Copies the used part of a generation, so that what is then validated cannot change any more. An
// error if the counts are beyond the limits. `to` need not be initialised.
Result<void> copy_generation(const Generation& from, Generation& to);

// The same where `to` is a copy that validated: writes what differs, and says what. An error leaves
// `to` half-written.
Result<Changes> copy_changes(const Generation& from, Generation& to);

// Every index of the tables in bounds, every enum known, names terminated, and the checksum right.
// For a private copy; says nothing of the rings.
Result<void> validate_tables(const Generation& generation);

// The rings that were found good, so that an unchanged one is not read again.
class RingCheck {
  public:
    RingCheck();

    // Every slot of every ring that `generation` refers to names a backend of the pool, and the
    // checksums are right. Requires validate_tables(generation).
    Result<void> validate(const Generation& generation, const RingStore* rings);

  private:
    struct Good {
        std::uint64_t checksum = 0;
        std::uint32_t slots = 0;            // 0: not checked
        std::uint32_t backends_needed = 0;  // highest index + 1
    };
    std::vector<Good> good_;  // by ring store
};

}  // namespace vipfwd::abi
