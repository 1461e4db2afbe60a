// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/table_list.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::abi {

// A small, valid generation: one VIP of one group, two services, one pool with the smallest ring
// over 3 backends.
class ValidateTest : public ::testing::Test {
  protected:
    ValidateTest() {
        std::memset(static_cast<void*>(generation_.get()), 0, sizeof(Generation));
        GenerationHeader& header = generation_->header;
        header.magic = kGenerationMagic;
        header.generation = 1;
        header.vip_count = 1;
        header.group_count = 1;
        header.advert_count = 1;
        header.service_count = 2;
        header.pool_count = 1;
        header.backend_count = 3;
        header.port_count = 1;
        header.timeouts = kDefaultFlowTimeouts;
        header.service_share_percent = kDefaultServiceShare_percent;
        for (int i = 0; i < 2; ++i) {
            generation_->services[i].protocol = 6;
            generation_->services[i].port_first = generation_->services[i].port_last =
                static_cast<std::uint16_t>(80 + i);
        }
        GroupEntry& group = generation_->groups[0];
        group.advert_interval_ms = 100;
        group.announce_interval_s = 30;
        group.advert_count = 1;
        generation_->adverts[0].bytes = 46;
        generation_->adverts[0].vrrp_offset = 34;
        std::strcpy(generation_->pools[0].name, "web");
        generation_->pools[0].backend_count = 3;
        generation_->pools[0].ring_store = 5;
        generation_->pools[0].ring_slots = kMinRingSlots;
        for (std::uint32_t slot = 0; slot < kMinRingSlots; ++slot)
            ring()[slot] = static_cast<std::uint16_t>(slot % 3);
        seal();
    }

    std::span<std::uint16_t> ring() { return ring_of(generation_->pools[0], rings_.data()); }

    void seal() {
        PoolEntry& pool = generation_->pools[0];
        if (pool.ring_store + stores_of(pool.ring_slots) <= kStores)
            pool.ring_checksum = checksum_of(ring());
        const GenerationHeader& header = generation_->header;
        if (all_of_tables([&](const auto& table) { return header.*table.count <= table.kLimit; }))
            generation_->header.checksum = checksum_of(*generation_);
    }

    // The error that validation reports after `spoil`, with correct checksums; empty if there is
    // none.
    std::string fault_after(const std::function<void(Generation&)>& spoil) {
        spoil(*generation_);
        seal();
        if (Result<void> tables = validate_tables(*generation_); !tables)
            return tables.error().message;
        Result<void> rings = RingCheck().validate(*generation_, rings_.data());
        return rings ? "" : rings.error().message;
    }

    std::unique_ptr<Generation> generation_ = std::make_unique<Generation>();
    static constexpr std::uint32_t kStores = 16;
    std::vector<std::uint16_t> rings_ = std::vector<std::uint16_t>(kStores * kRingStoreSlots);
};

}  // namespace vipfwd::abi
