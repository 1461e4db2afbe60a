// SPDX-License-Identifier: Apache-2.0
// Checks that everything fits into the region's tables (dataplane/abi/limits.h).
#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "control/config/check.h"
#include "control/config/first_use.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/ring_store.h"

namespace vipfwd::config {
namespace {

// Counts things of one kind, and reports the first that exceeds the limit.
class Limit {
  public:
    Limit(std::string_view things, std::size_t most, Report& report)
        : things_(things), most_(most), report_(&report) {}

    void count(Location where, std::size_t things = 1) {
        const bool was_within = count_ <= most_;
        count_ += things;
        if (was_within && count_ > most_)
            report_->error(where, "more than {} {}; the dataplane's tables hold no more", most_,
                           things_);
    }

  private:
    std::string_view things_;
    std::size_t most_;
    std::size_t count_ = 0;
    Report* report_;
};

}  // namespace

void check_limits(const Draft& draft, Report& report) {
    Limit ports("ports", abi::kMaxPorts, report);
    for (const PortDraft& port : draft.ports)
        ports.count(port.port.where);

    Limit groups("groups", abi::kMaxGroups, report);
    Limit adverts("groups, counting one per peer,", abi::kMaxAdverts, report);
    for (const GroupDraft& group : draft.groups) {
        groups.count(group.group.where);
        for (std::size_t i = 0; i < std::max<std::size_t>(1, group.group.peers.size()); ++i)
            adverts.count(group.group.where);
    }

    Limit services("services", abi::kMaxServices, report);
    for (const ServiceDraft& service : draft.services)
        services.count(service.service.where);

    Limit pools("pools", abi::kMaxPools, report);
    Limit backends("backends of all pools together", abi::kMaxBackends, report);
    for (const PoolDraft& pool : draft.pools) {
        pools.count(pool.pool.where);
        Limit of_pool("backends of one pool", abi::kMaxBackendsPerPool, report);
        for (const BackendDraft& backend : pool.backends) {
            backends.count(backend.backend.where);
            of_pool.count(backend.backend.where);
        }
    }

    Limit stores("ring stores, of which a ring takes one for each 65,600 slots,",
                 abi::kMaxRingStoresInForce, report);
    for (const PoolDraft& pool :
         std::span(draft.pools).first(std::min<std::size_t>(draft.pools.size(), abi::kMaxPools)))
        stores.count(pool.pool.where, abi::stores_of(pool.pool.ring_slots));

    Limit vips("VIPs", abi::kMaxVips, report);
    FirstAddress distinct;
    for_each_vip(draft, [&](const IpAddress& vip, Location where) {
        if (!distinct.add(vip, where))
            vips.count(where);
    });
}

}  // namespace vipfwd::config
