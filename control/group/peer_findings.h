// SPDX-License-Identifier: Apache-2.0
// Compares what this gateway and the others of one group have found out about the backends of its
// VIPs. Each gateway checks for itself; where two disagree for longer than a few intervals of the
// check, both say so: the path from one of them may be broken, or an operator has drained a backend
// on one only. Pure. All times are nanoseconds of CLOCK_MONOTONIC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/model.h"
#include "control/events/event.h"
#include "control/group/findings_report.h"
#include "control/group/peer_digests.h"
#include "control/group/warnings.h"
#include "control/table/backend_findings.h"
#include "control/table/generation_tables.h"
#include "control/table/pool_writers.h"
#include "dataplane/abi/address.h"

namespace vipfwd::group {

// What this gateway has found out about the backends of one group. A value for any thread.
struct OwnFindings {
    std::shared_ptr<const table::Tables> tables;
    std::vector<table::BackendFinding> findings;
};

class PeerFindings {
  public:
    // A difference is told after so long, or after one check more than it takes to change a verdict
    // and its timeout, if that is longer.
    static constexpr std::int64_t kGrace_ns = PeerDigests::kGrace_ns;
    // A sender can forge its address and its reports: those beyond are ignored.
    static constexpr std::size_t kMostPeers = PeerDigests::kMost;
    static constexpr std::size_t kMostDifferences = 1000;  // of one peer
    // Of one update; another one counts the rest.
    static constexpr std::size_t kMostEvents = 20;

    // A report has arrived. Nothing follows from one of a gateway that has other backends in its
    // range: those are compared by their digests. `config` names the backends.
    void note(const IpAddress& source, const FindingsReport& report, const OwnFindings& own,
              const config::Config& config, std::int64_t now_ns);

    // To be called once a second. Differences that have lasted long enough by now, and those of
    // them that have ended. Those that another group of the same two gateways tells are left to it.
    using IsOfOtherGroup = std::function<bool(const IpAddress& source, std::uint64_t key)>;
    [[nodiscard]] std::vector<events::Event> update(std::int64_t now_ns,
                                                    const IsOfOtherGroup& is_of_other_group = {});

    // Whether that peer differs in the backend of that key.
    bool differs(const IpAddress& source, std::uint64_t key) const;

    // This gateway has no tables: there is nothing to compare.
    void clear() { peers_.clear(); }

    // The backends that serve at that peer in pools with mode = "first", as far as this gateway has
    // the same ones, and if the peer has said so while it owned the VIPs: what it said before may
    // have changed since.
    table::PoolWriters writers_at(const IpAddress& source) const;

    // A warning for each peer with differences that were told.
    std::vector<Warning> warnings(std::int64_t now_ns) const;

  private:
    struct Difference {
        std::string backend;  // "web/be1"
        std::string text;     // "down here, but up at 10.0.0.2"
        std::int64_t since_ns = 0;
        std::int64_t grace_ns = kGrace_ns;
        bool is_told = false;
        bool has_ended = false;
    };
    using Differences = std::map<std::uint64_t, Difference>;  // by the backend's key
    struct Writer {
        std::string pool;
        IpAddress backend;
    };
    struct Peer {
        std::int64_t heard_ns = 0;
        std::uint64_t reports = 0;  // with differences
        Differences differences;
        std::map<std::uint64_t, Writer> writers;  // by the backend's key
    };

    static Difference begin_difference(std::string text, const table::BackendFinding& finding,
                                       const OwnFindings& own, const config::Config& config,
                                       std::int64_t now_ns);
    static Differences take_covered(Differences& differences, const FindingsReport& report);

    std::map<IpAddress, Peer> peers_;
};

}  // namespace vipfwd::group
