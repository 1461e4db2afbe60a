// SPDX-License-Identifier: Apache-2.0
#include "control/health/admin.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

template <typename Object>
Error no_such(const std::string& what, const std::string& written, const std::vector<Object>& all) {
    std::vector<std::string_view> names;
    for (const Object& one : all)
        names.push_back(one.name);
    return Error{"there is no " + what + " " + text::quote(written) +
                 text::suggestion(written, names)};
}

}  // namespace

// Called for each backend of a generation: it must not allocate.
AdminChoice AdminChoices::find(std::string_view pool, const IpAddress& backend) const {
    const auto of_pool = pools_.find(pool);
    if (of_pool == pools_.end())
        return {};
    const auto at = of_pool->second.find(backend);
    return at != of_pool->second.end() ? at->second : AdminChoice();
}

void AdminChoices::set(const std::string& pool, const IpAddress& backend,
                       const AdminChoice& choice) {
    std::map<IpAddress, AdminChoice>& of_pool = pools_[pool];
    if (choice.is_default())
        of_pool.erase(backend);
    else
        of_pool[backend] = choice;
    if (of_pool.empty())
        pools_.erase(pool);
}

bool AdminChoices::are_same_of(std::string_view pool, const AdminChoices& other) const {
    const auto here = pools_.find(pool);
    const auto there = other.pools_.find(pool);
    if (here == pools_.end() || there == other.pools_.end())
        return here == pools_.end() && there == other.pools_.end();
    return here->second == there->second;
}

void AdminChoices::rename_pools(const std::map<std::string, std::string>& renamed) {
    decltype(pools_) next;
    for (auto& [name, choices] : pools_) {
        const auto other = renamed.find(name);
        next[other != renamed.end() ? other->second : name] = std::move(choices);
    }
    pools_ = std::move(next);
}

void AdminChoices::retain(const config::Config& config) {
    for (auto& [name, choices] : pools_) {
        const config::Pool* const pool = config::find_pool(config, name);
        std::erase_if(choices, [&](const auto& choice) {
            return pool == nullptr ||
                   std::ranges::find(pool->backends, choice.first, &config::Backend::address) ==
                       pool->backends.end();
        });
    }
    std::erase_if(pools_, [](const auto& entry) { return entry.second.empty(); });
}

bool AdminChoices::any_deadline_in(std::uint32_t since_s, std::uint32_t until_s) const {
    const auto is_due = [&](const auto& entry) {
        const AdminChoice& choice = entry.second;
        return choice.state == abi::BackendAdmin::kMaint && choice.flows_move_at_s > since_s &&
               choice.flows_move_at_s <= until_s;
    };
    return std::ranges::any_of(
        pools_, [&](const auto& entry) { return std::ranges::any_of(entry.second, is_due); });
}

Result<const config::Backend*> find_backend(const config::Config& config,
                                            const AdminChange& change) {
    const config::Pool* const pool = config::find_pool(config, change.pool);
    if (pool == nullptr)
        return no_such("pool", change.pool, config.pools);
    const auto backend = std::ranges::find_if(pool->backends, [&](const config::Backend& one) {
        return one.name == change.backend || to_string(one.address) == change.backend;
    });
    if (backend == pool->backends.end())
        return no_such("backend of pool " + text::quote(pool->name) + " named", change.backend,
                       pool->backends);
    return &*backend;
}

Result<AdminChoices> with_change(AdminChoices choices, const config::Config& config,
                                 const AdminChange& change, std::uint32_t now_s) {
    const Result<const config::Backend*> backend = find_backend(config, change);
    if (!backend)
        return backend.error();
    const IpAddress& address = (*backend)->address;
    AdminChoice choice = choices.find(change.pool, address);
    if (change.state) {
        choice.state = *change.state;
        choice.flows_move_at_s =
            choice.state == abi::BackendAdmin::kMaint ? now_s + change.flows_move_after_s : 0;
    }
    if (change.changes_weight)
        choice.weight = change.weight;
    choices.set(change.pool, address, choice);
    return choices;
}

}  // namespace vipfwd::health
