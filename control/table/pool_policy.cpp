// SPDX-License-Identifier: Apache-2.0
#include "control/table/pool_policy.h"

#include <algorithm>

#include "control/table/slow_start.h"

namespace vipfwd::table {
namespace {

using abi::BackendHealth;
using abi::BackendState;
using Members = std::span<PoolMember>;

bool has_no_result(const PoolMember& member) {
    return member.may_serve() && member.condition.health == BackendHealth::kUnknown;
}

std::uint32_t count_serving(Members members) {
    return static_cast<std::uint32_t>(std::ranges::count_if(members, &PoolMember::serves));
}

std::uint32_t lowest_tier(Members members) {
    return members.empty() ? 1 : std::ranges::min_element(members, {}, &PoolMember::tier)->tier;
}

std::uint32_t highest_tier(Members members) {
    return members.empty() ? 1 : std::ranges::max_element(members, {}, &PoolMember::tier)->tier;
}

std::uint64_t count_needed(const config::MinUp& min_up, Members members) {
    const auto lowest = lowest_tier(members);
    const auto usable = static_cast<std::uint64_t>(
        std::ranges::count_if(members, [lowest](const PoolMember& member) {
            return member.may_serve() && member.tier == lowest;
        }));
    const std::uint64_t share = (usable * min_up.percent + 99) / 100;
    return std::max<std::uint64_t>({1, min_up.count, share});
}

// Backends without a result are not counted as down: a new pool does not fail open before its first
// results. Nor does one in which nothing is down, but too many are taken out.
bool must_fail_open(Members members, std::uint64_t needed) {
    std::uint64_t not_down = 0;
    std::uint64_t usable = 0;
    for (const PoolMember& member : members) {
        not_down += member.serves() || has_no_result(member) ? 1 : 0;
        usable += member.may_serve() ? 1 : 0;
    }
    return not_down < std::min(needed, usable);
}

// Backends that have no result yet serve if no other one does: a pool that is new would drop
// everything for the time of the first attempts.
void serve_without_results(Members members) {
    if (std::ranges::any_of(members, &PoolMember::serves))
        return;
    for (PoolMember& member : members) {
        if (has_no_result(member))
            member.condition.state = BackendState::kServing;
    }
}

// The highest tier that it takes to have as many backends as needed; all tiers, if they are too
// few.
std::uint32_t tier_that_suffices(Members members, std::uint64_t needed) {
    std::uint32_t tier = lowest_tier(members);
    while (true) {
        std::uint64_t serving = 0;
        std::optional<std::uint32_t> next;
        for (const PoolMember& member : members) {
            if (member.tier > tier)
                next = std::min(next.value_or(member.tier), member.tier);
            else
                serving += member.serves() ? 1 : 0;
        }
        if (serving >= needed || !next)
            return tier;
        tier = *next;
    }
}

void spread(const config::Pool& pool, Members members, PoolOutcome& outcome) {
    const std::uint64_t needed = count_needed(pool.min_up, members);
    if (pool.min_up.is_given() && must_fail_open(members, needed)) {
        outcome.fails_open = true;
        outcome.tier = highest_tier(members);
        for (PoolMember& member : members) {
            if (member.may_serve())
                member.condition.state = BackendState::kServing;
        }
        return;
    }
    serve_without_results(members);
    outcome.tier = tier_that_suffices(members, needed);
    for (PoolMember& member : members) {
        if (member.serves() && member.tier > outcome.tier)
            member.condition.state = BackendState::kDraining;
    }
}

// A backend without a result is chosen only in a pool that has had no writer yet, so that all
// gateways begin with the most preferred one, whose result ever comes first.
std::optional<std::size_t> choose_writer(const config::Pool& pool, Members members) {
    const auto former = std::ranges::find_if(members, &PoolMember::was_writer);
    const bool has_former = former != members.end();
    const auto may_be_chosen = [has_former](const PoolMember& member) {
        return member.serves() || (!has_former && has_no_result(member));
    };
    const auto followed = std::ranges::find_if(members, &PoolMember::is_followed);
    if (followed != members.end() && may_be_chosen(*followed))
        return followed - members.begin();
    if (has_former && former->serves() && !pool.failback)
        return former - members.begin();
    const auto best = std::ranges::find_if(members, may_be_chosen);
    if (best != members.end())
        return best - members.begin();
    return has_former ? std::optional<std::size_t>(former - members.begin()) : std::nullopt;
}

void serve_by_one(const config::Pool& pool, Members members, PoolOutcome& outcome) {
    outcome.writer = choose_writer(pool, members);
    for (std::size_t i = 0; i < members.size(); ++i) {
        BackendCondition& condition = members[i].condition;
        if (i != outcome.writer)
            condition.state = BackendState::kDown;
        else if (has_no_result(members[i]))
            condition.state = BackendState::kServing;
    }
}

// Whether a backend that serves now has not been able to in the previous generation. One that stood
// by has.
bool has_come_up(const PoolMember& member, const PoolMoment& moment) {
    const abi::BackendEntry* const previous = member.previous;
    if (previous == nullptr)
        return !moment.is_new;
    if (has_state(*previous, BackendState::kServing))
        return false;
    const bool stood_by = previous->weight > 0 &&
                          previous->admin == static_cast<std::uint8_t>(abi::BackendAdmin::kReady) &&
                          (has_health(*previous, BackendHealth::kUp) ||
                           has_health(*previous, BackendHealth::kUnchecked));
    return !stood_by;
}

// A backend that serves alone gets all flows whatever its weight is.
void start_slowly(const config::Pool& pool, Members members, const PoolMoment& moment) {
    if (count_serving(members) < 2)
        return;
    for (PoolMember& member : members) {
        if (!member.serves())
            continue;
        const std::uint64_t before_ms =
            member.previous != nullptr ? member.previous->came_up_at_ms : 0;
        const std::uint64_t came_up_at_ms = has_come_up(member, moment) ? moment.now_ms : before_ms;
        const std::uint64_t up_for_ms = moment.now_ms - std::min(moment.now_ms, came_up_at_ms);
        const std::uint32_t step = slow_start_step(pool.slow_start_ms, up_for_ms);
        if (came_up_at_ms == 0 || step == kSlowStartSteps)
            continue;
        member.came_up_at_ms = came_up_at_ms;
        member.ring_weight = std::max(1u, member.weight * step / kSlowStartSteps);
    }
}

}  // namespace

PoolOutcome apply_policy(const config::Pool& pool, Members members, const PoolMoment& moment) {
    PoolOutcome outcome;
    if (pool.mode == config::PoolMode::kFirst)
        serve_by_one(pool, members, outcome);
    else
        spread(pool, members, outcome);
    for (PoolMember& member : members)
        member.ring_weight = member.weight;
    if (pool.slow_start_ms != 0 && !outcome.fails_open)
        start_slowly(pool, members, moment);
    return outcome;
}

}  // namespace vipfwd::table
