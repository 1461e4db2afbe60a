// SPDX-License-Identifier: Apache-2.0
// Validation of what the region holds. Neither process uses anything from the region before.
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

// The checksum of the header, without its checksum field, and of the used entries of all tables.
// Requires counts within the limits.
std::uint64_t checksum_of(const Generation& generation);
std::uint64_t checksum_of(std::span<const std::uint16_t> ring);

// Copies the used entries of a generation, so that they cannot change between validation and use.
// An error if a count is beyond its limit. `to` need not be initialised.
Result<void> copy_generation(const Generation& from, Generation& to);

// The same if `to` holds a valid copy of an earlier generation: writes only blocks that differ, and
// returns which. After an error the content of `to` is undefined.
Result<Changes> copy_changes(const Generation& from, Generation& to);

// Checks that every index is in bounds, every enum value known, every name terminated, and the
// checksum right. Requires a private copy. Does not check the rings.
Result<void> validate_tables(const Generation& generation);

// Validates rings, and remembers the valid ones, so that an unchanged ring is not read again.
class RingCheck {
  public:
    RingCheck();

    // Checks that every slot of every ring that `generation` refers to names a backend of the pool,
    // and that the rings' checksums are right. Requires validate_tables(generation).
    // `rings` are ControlArea::rings.
    Result<void> validate(const Generation& generation, const std::uint16_t* rings);

  private:
    void forget_overlapping(std::uint32_t store, std::uint32_t slots);

    struct ValidRing {
        std::uint64_t checksum = 0;
        std::uint32_t slots = 0;            // 0: not checked
        std::uint32_t backends_needed = 0;  // highest index + 1
    };
    std::vector<ValidRing> valid_;  // by first ring store
};

}  // namespace vipfwd::abi
