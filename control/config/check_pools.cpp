// SPDX-License-Identifier: Apache-2.0
// [[pool]].
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "control/config/check.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

// A backend is identified by its pool and address: renaming it does not lose its flows.
void check_backends(const PoolDraft& pool, Report& report) {
    Names names("backend", report);
    FirstAddress addresses;
    for (const BackendDraft& backend : pool.backends) {
        names.define(backend.backend.name, backend.at.name);
        if (const auto first = addresses.add(backend.backend.address, backend.at.address))
            report.error(
                backend.at.address,
                "two backends of pool {} have address {}, the other in line {}; remove one",
                text::quote(pool.pool.name), to_string(backend.backend.address), first->line);
    }
}

void check_timeout(const PoolDraft& pool, Report& report) {
    const Check& check = pool.pool.check;
    if (check.timeout_ms <= check.interval_ms)
        return;
    const bool is_written = pool.at.check_timeout_ms.is_set();
    report.error(is_written ? pool.at.check_timeout_ms : pool.at.check_interval_ms,
                 "timeout_ms ({}{}) exceeds interval_ms ({}); set timeout_ms to at most {}",
                 check.timeout_ms, is_written ? "" : " by default", check.interval_ms,
                 check.interval_ms);
}

void check_health_check(const PoolDraft& pool, Report& report) {
    if (!pool.at.check.is_set())
        return;
    if (pool.pool.check.type == CheckType::kTcp && pool.at.check_path.is_set())
        report.error(pool.at.check_path,
                     "'path' is for checks of type \"http\" and \"https\" only; remove it");
    check_timeout(pool, report);
    report.warning(pool.at.check, "health checks are parsed but not run yet: backends count as up");
}

bool takes_flows(const PoolDraft& pool) {
    return std::any_of(pool.backends.begin(), pool.backends.end(),
                       [](const BackendDraft& backend) { return backend.backend.weight > 0; });
}

void warn_about_unusable_pool(const PoolDraft& pool, bool is_used, Report& report) {
    const std::string name = text::quote(pool.pool.name);
    if (!is_used)
        report.warning(pool.pool.where, "no service uses pool {}", name);
    if (pool.backends.empty())
        report.warning(pool.pool.where, "pool {} has no backends: its services drop everything",
                       name);
    else if (!takes_flows(pool))
        report.warning(pool.pool.where,
                       "all backends of pool {} have weight 0: none takes new flows", name);
}

}  // namespace

void check_pools(const Draft& draft, Names& pools, Report& report) {
    std::unordered_set<std::string_view> used;
    for (const ServiceDraft& service : draft.services)
        used.insert(service.pool_name);
    for (const PoolDraft& pool : draft.pools) {
        pools.define(pool.pool.name, pool.at.name);
        check_backends(pool, report);
        check_health_check(pool, report);
        warn_about_unusable_pool(pool, used.contains(pool.pool.name), report);
    }
}

}  // namespace vipfwd::config
