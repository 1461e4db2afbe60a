// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/kernel_address_sync.h"

#include <algorithm>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

// Debounce: after `ip addr flush`, restore all addresses in one pass.
constexpr std::int64_t kDebounce_ms = 50;
// How long a running dataplane, which may own VIPs for a former control, has to connect.
constexpr std::int64_t kAdoptionTimeout_ns = 3 * kNanosecondsPerS;

}  // namespace

KernelAddressSync::KernelAddressSync(Loop& loop, group::KernelAddresses::Kernel kernel,
                                     std::int64_t started_at_ns, std::function<void()> on_due)
    : addresses_(std::move(kernel)),
      started_at_ns_(started_at_ns),
      on_due_(std::move(on_due)),
      debounce_(loop, [this] { expire(); }),
      retry_(loop, [this] { expire(); }) {}

void KernelAddressSync::update(std::vector<group::LocalVips> vips,
                               const std::function<bool(const IpAddress&)>& is_local,
                               const std::optional<std::vector<net::ManagedAddress>>& present) {
    const bool can_adopt = monotonic_ns() - started_at_ns_ <= kAdoptionTimeout_ns;
    for (group::LocalVips& group : vips) {
        if (!group.owned && !can_adopt)
            group.owned = false;
        // The kernel must not have the VIP before the steering programs keep it from answering ARP:
        // it would answer if both processes died now.
        if (group.owned.value_or(false) && !std::ranges::all_of(group.vips, is_local))
            group.owned.reset();
    }
    if (synced_ == vips)
        return;
    if (const auto again_ms = addresses_.sync(vips, present))
        retry_.fire_after(*again_ms);
    synced_ = std::move(vips);
}

void KernelAddressSync::on_kernel_change() {
    if (!debounce_.armed())
        debounce_.fire_after(kDebounce_ms);
}

void KernelAddressSync::expire() {
    synced_.reset();
    on_due_();
}

}  // namespace vipfwd::gateway
