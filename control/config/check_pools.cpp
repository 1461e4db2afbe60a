// SPDX-License-Identifier: Apache-2.0
// [[pool]].
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "control/config/check.h"
#include "control/config/choice.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/limits.h"

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

void check_fast_interval(const PoolDraft& pool, Report& report) {
    const Check& check = pool.pool.check;
    if (check.fast_interval_ms > check.interval_ms)
        report.error(pool.at.check_fast_interval_ms,
                     "fast_interval_ms ({}) exceeds interval_ms ({}); set it to at most {}",
                     check.fast_interval_ms, check.interval_ms, check.interval_ms);
}

// "\"http\" and \"https\"": they are at most two.
std::string words_of(const std::vector<CheckType>& types) {
    std::string words;
    for (const CheckType type : types)
        words += fmt::format("{}\"{}\"", words.empty() ? "" : " and ", word(type));
    return words;
}

void check_keys(const PoolDraft& pool, Report& report) {
    const CheckType type = pool.pool.check.type;
    for (const CheckKey& key : pool.at.check_keys) {
        if (key.where.is_set() && std::ranges::find(key.types, type) == key.types.end())
            report.error(key.where, "'{}' is for checks of type {} only; remove it", key.key,
                         words_of(key.types));
    }
    const auto require = [&](CheckType of, const char* key, Location where) {
        if (type == of && !where.is_set())
            report.error(pool.at.check, "a check of type \"{}\" needs '{}'", word(of), key);
    };
    require(CheckType::kMysql, "user", pool.at.check_user);
    require(CheckType::kDns, "name", pool.at.check_name);
    require(CheckType::kScript, "command", pool.at.check_command);
}

void check_command(const PoolDraft& pool, Report& report) {
    const std::vector<std::string>& command = pool.pool.check.command;
    if (!pool.at.check_command.is_set())
        return;
    if (command.empty() || !command.front().starts_with('/'))
        report.error(pool.at.check_command,
                     "'command' is a list of a program's absolute path and its arguments, such as "
                     "[\"/usr/local/bin/check\", \"-q\"]");
    else if (access(command.front().c_str(), X_OK) != 0)
        report.warning(pool.at.check_command, "{} cannot be executed: the check fails",
                       text::quote(command.front()));
}

void check_expected_answer(const PoolDraft& pool, Report& report) {
    const Check& check = pool.pool.check;
    for (const CheckKey& key : pool.at.check_keys) {
        if (key.key == std::string_view("expect_answer") && key.where.is_set() &&
            check.expect_rcode != DnsRcode::kNoError)
            report.error(
                key.where,
                "'expect_answer' has no use with expect_rcode = \"{}\"; remove one of them",
                word(check.expect_rcode));
    }
}

void check_backends_have_check(const PoolDraft& pool, Report& report) {
    for (const BackendDraft& backend : pool.backends) {
        const Location where =
            backend.at.check_address.is_set() ? backend.at.check_address : backend.at.check_port;
        if (where.is_set())
            report.error(where,
                         "backend {} says where it is checked, but pool {} has no check; add one",
                         text::quote(backend.backend.name), text::quote(pool.pool.name));
    }
}

// A file that cannot be read would make every check fail.
void check_ca_file(const PoolDraft& pool, Report& report) {
    const std::string& path = pool.pool.check.ca_file;
    if (pool.at.check_ca_file.is_set() && !path.starts_with('/'))
        report.error(pool.at.check_ca_file, "ca_file {} is not an absolute path",
                     text::quote(path));
}

void check_way(const Draft& draft, const PoolDraft& pool, bool is_used, Report& report) {
    if (!pool.at.check_via.is_set() || pool.pool.check.via != Via::kTunnel)
        return;
    if (const auto obstacle = obstacle_to_tunnel(draft, pool.pool, is_used))
        report.error(pool.at.check_via, "via = \"tunnel\" is not possible: {}; use \"direct\"",
                     *obstacle);
}

void check_health_check(const PoolDraft& pool, Report& report) {
    if (!pool.at.check.is_set())
        return check_backends_have_check(pool, report);
    if (pool.pool.check.type != CheckType::kNone)  // else it is absent or invalid
        check_keys(pool, report);
    check_expected_answer(pool, report);
    check_timeout(pool, report);
    check_fast_interval(pool, report);
    check_ca_file(pool, report);
    check_command(pool, report);
}

bool has_tiers(const PoolDraft& pool) {
    return std::ranges::any_of(
        pool.backends, [](const BackendDraft& backend) { return backend.backend.tier != 1; });
}

// With mode = "first" the order of the file decides alone.
void check_mode(const PoolDraft& pool, Report& report) {
    if (pool.pool.mode != PoolMode::kFirst) {
        if (pool.at.failback.is_set())
            report.error(pool.at.failback, "failback is for mode = \"first\" only; remove it");
        return;
    }
    constexpr std::string_view kOneServes = "with mode = \"first\" one backend serves at a time";
    if (pool.at.min_up.is_set())
        report.error(pool.at.min_up, "{}, so that min_up means nothing; remove one", kOneServes);
    if (pool.at.slow_start_ms.is_set())
        report.error(pool.at.slow_start_ms, "{}, so that slow_start_ms means nothing; remove one",
                     kOneServes);
    for (const BackendDraft& backend : pool.backends) {
        if (backend.at.tier.is_set())
            report.error(backend.at.tier, "{}, in the order of the file; remove tier", kOneServes);
    }
}

void check_min_up(const PoolDraft& pool, Report& report) {
    if (!pool.at.min_up.is_set())
        return;
    if (!pool.at.check.is_set() && !has_tiers(pool))
        report.error(pool.at.min_up,
                     "pool {} has no check, without which all backends count as up; add one, or "
                     "remove min_up",
                     text::quote(pool.pool.name));
    if (pool.pool.min_up.count > pool.backends.size())
        report.error(pool.at.min_up,
                     "min_up ({}) exceeds the number of backends ({}): the pool would always fail "
                     "open",
                     pool.pool.min_up.count, pool.backends.size());
}

// A tenth of a smaller weight is no weight.
void check_slow_start(const PoolDraft& pool, Report& report) {
    if (pool.pool.slow_start_ms == 0)
        return;
    for (const BackendDraft& backend : pool.backends) {
        const std::uint32_t weight = backend.backend.weight;
        if (weight > 0 && weight < 10)
            report.error(backend.at.weight,
                         "weight ({}) is too small for slow_start_ms, which begins with a tenth of "
                         "it; multiply all weights of pool {} by 10",
                         weight, text::quote(pool.pool.name));
    }
}

constexpr bool is_prime(std::uint32_t number) {
    for (std::uint32_t divisor = 2; divisor * divisor <= number; ++divisor) {
        if (number % divisor == 0)
            return false;
    }
    return number > 1;
}

// The first prime among `from`, `from + step` and so on.
std::uint32_t next_prime(std::uint32_t from, std::int32_t step) {
    while (!is_prime(from))
        from += static_cast<std::uint32_t>(step);
    return from;
}

// The bounds of ring_slots are primes, so that the nearest primes are within them.
static_assert(is_prime(abi::kMinRingSlots) && is_prime(abi::kDefaultRingSlots) &&
              is_prime(abi::kMaxRingSlots));

void check_ring_slots(const PoolDraft& pool, Report& report) {
    const std::uint32_t slots = pool.pool.ring_slots;
    if (!is_prime(slots))
        report.error(pool.at.ring_slots,
                     "ring_slots ({}) is not a prime number; the nearest ones are {} and {}", slots,
                     next_prime(slots, -1), next_prime(slots, 1));
}

// The ring gives every backend its share of the slots, rounded up or down.
void warn_about_small_shares(const PoolDraft& pool, Report& report) {
    std::uint64_t weights = 0;
    const BackendDraft* lightest = nullptr;
    for (const BackendDraft& one : pool.backends) {
        const std::uint32_t weight = one.backend.weight;
        weights += weight;
        if (weight > 0 && (lightest == nullptr || weight < lightest->backend.weight))
            lightest = &one;
    }
    const std::uint64_t slots = pool.pool.ring_slots;
    if (lightest == nullptr || slots * lightest->backend.weight >= weights)
        return;
    report.warning(
        pool.at.ring_slots.is_set() ? pool.at.ring_slots : pool.pool.where,
        "backend {} has a share of less than one of the {} slots of pool {}, and may "
        "get no connections; {}",
        text::quote(lightest->backend.name), slots, text::quote(pool.pool.name),
        slots < abi::kMaxRingSlots ? "raise ring_slots, or its weight" : "raise its weight");
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
        check_ring_slots(pool, report);
        check_health_check(pool, report);
        check_way(draft, pool, used.contains(pool.pool.name), report);
        check_mode(pool, report);
        check_min_up(pool, report);
        check_slow_start(pool, report);
        warn_about_small_shares(pool, report);
        warn_about_unusable_pool(pool, used.contains(pool.pool.name), report);
    }
}

}  // namespace vipfwd::config
