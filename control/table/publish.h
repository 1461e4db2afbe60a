// SPDX-License-Identifier: Apache-2.0
// Writes generations into a region, so that a reader sees the previous or the next generation,
// never a mixture.
//
// What takes long may be done on another thread: begin() on the thread that owns the publisher,
// then prepare() on any thread, then put_in_force() on the owner's again. publish() does all three.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "control/table/build.h"
#include "control/table/ring_stores.h"
#include "control/table/unnamed_indices.h"
#include "dataplane/abi/mapping.h"
#include "dataplane/abi/result.h"

namespace vipfwd::table {

class Publisher {
  public:
    // Makes a region with no generation in force. in_force() is then empty but for a random key of
    // hashes, so that the first generation has one that nobody knows.
    static Result<Publisher> create(const abi::BootParameters& boot);

    // Takes over a region that a dataplane handed back. Its generation in force is validated and
    // read.
    static Result<Publisher> adopt(abi::Fd fd);

    // What the next generation follows, and where it may be written.
    struct Base {
        std::shared_ptr<const Tables> tables;  // in force
        abi::ActiveGeneration next;
        RingStores stores_in_use;  // workers may read them
        abi::ControlArea* area;    // valid for as long as the publisher
        bool may_release_rings;    // release_unused_rings() has an effect
    };
    // A generation that is in the region, but not in force.
    struct Prepared {
        std::shared_ptr<const Tables> follows;
        std::shared_ptr<const Tables> tables;
        abi::ActiveGeneration generation;
        abi::GenerationHeader header;
        RingStores stores_in_use;
        bool has_retired;
        bool has_draining;
    };

    // `readers_caught_up`: every live worker uses the generation in force (all_acknowledged(), or
    // there is no dataplane). Otherwise the rings of earlier generations that a worker may still
    // use are not overwritten.
    Base begin(bool readers_caught_up);
    // Writes rings and tables of `build`, which was built from base.tables, to parts of the region
    // that no worker reads, and releases unused rings. To be called for one base at a time. An
    // error leaves things as they are.
    static Result<Prepared> prepare(Build build, const Base& base);
    // Gives the memory of rings that no worker reads back to the kernel: instead of prepare(), if
    // there is nothing to publish. Hugepages are kept, because they are reserved for the region.
    static void release_unused_rings(const Base& base);
    // False if another generation, or a repair, has come between: begin again.
    bool put_in_force(Prepared prepared);
    Result<void> publish(Build build, bool readers_caught_up);

    void write_boot_parameters(const abi::BootParameters& boot);

    // Compares the region with what was written to it, and returns the names of the parts that
    // something else has changed. Restores header, boot parameters and `active`. Damaged tables and
    // rings are left to the next publish(): must_publish() is true until then, and in_force() says
    // that the pools have no ring. Reads the rings of at most `pools` pools, in turns. Leases are
    // not compared: their groups do that.
    std::vector<std::string> repair(std::size_t pools);
    bool must_publish() const { return must_publish_; }
    // True from when rings have been replaced until begin() has found that no worker reads them.
    bool has_unused_rings() const { return has_unused_rings_; }

    std::uint64_t generation() const { return active_.generation; }  // in force; 0: none
    const Tables& in_force() const { return *in_force_; }
    // The same, for another thread.
    std::shared_ptr<const Tables> shared_tables() const { return in_force_; }
    const abi::RegionMapping& region() const { return region_; }
    // May be written at any time, see abi::Claim.
    abi::LeaseArea& leases() { return region_.control_for_writing().leases; }

    // For health checks, which read and write them on a thread of their own for as long as the
    // publisher lives; nothing else does.
    std::span<abi::CheckNote> check_notes() { return region_.control_for_writing().check_notes; }

    // True if every running worker of the dataplane forwards by the generation in force.
    bool all_acknowledged() const;

    // Whether the generation in force has retired backends, or some that drain by choice.
    bool has_retired() const { return has_retired_; }
    bool has_draining() const { return has_draining_; }
    // Asks the workers which backends their flows name, and how many flows those have whose
    // abi::WatchedBackends::key() is given. A request that they have not answered is void then.
    void request_census(std::span<const std::uint32_t> watched);
    // What they answered. Valid for as long as the publisher, for any thread.
    Census census() const { return {&region_.status(), region_.control().census_request.load()}; }

    // The slots of a pool's ring; empty if it has none. Requires a pool of the generation in force.
    std::span<const std::uint16_t> ring(const abi::PoolEntry& pool) const;

    // Sums over the workers, read from the region at each call. May be called from any thread.
    Counters counters() const;

  private:
    explicit Publisher(abi::RegionMapping region);

    bool are_tables_damaged() const;
    std::vector<std::string> forget_damaged_rings(std::size_t pools);
    void forget_ring(std::uint32_t store);
    static std::shared_ptr<const Tables> empty_tables(const abi::HashKey& key);

    abi::RegionMapping region_;
    // What the region holds, unless it was damaged.
    abi::BootParameters boot_{};
    abi::ActiveGeneration active_{};
    abi::GenerationHeader header_{};  // of the generation in force
    std::shared_ptr<const Tables> in_force_ = std::make_shared<Tables>();
    bool must_publish_ = false;
    bool has_unused_rings_ = false;
    bool has_retired_ = false;
    bool has_draining_ = false;
    std::size_t next_checked_pool_ = 0;
    // Workers may still use them for a generation before the one in force.
    RingStores stores_in_use_;
};

}  // namespace vipfwd::table
