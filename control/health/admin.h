// SPDX-License-Identifier: Apache-2.0
// What operators have chosen for backends, by `vipctl backend`. Choices outlive control: they are
// in the tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "control/config/model.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/enum.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::health {

inline constexpr std::array kAdminNames = {
    abi::EnumWord{abi::BackendAdmin::kReady, "ready"},
    abi::EnumWord{abi::BackendAdmin::kDrain, "drain"},
    abi::EnumWord{abi::BackendAdmin::kMaint, "maint"},
    abi::EnumWord{abi::BackendAdmin::kAgentDrain, "agent-drain"},
    abi::EnumWord{abi::BackendAdmin::kAgentMaint, "agent-maint"},
};
static_assert(abi::is_indexed_by(kAdminNames));

// As in commands, in JSON and in files.
constexpr std::string_view name(abi::BackendAdmin state) {
    return kAdminNames[static_cast<std::size_t>(state)].word;
}

// Whether the backend's agent has said it. Else an operator has chosen it.
constexpr bool is_of_agent(abi::BackendAdmin state) {
    return state == abi::BackendAdmin::kAgentDrain || state == abi::BackendAdmin::kAgentMaint;
}

struct AdminChoice {
    abi::BackendAdmin state = abi::BackendAdmin::kReady;  // never of an agent
    // In maintenance: the flows move from that time on, of CLOCK_BOOTTIME in seconds. Until then
    // the backend keeps them.
    std::uint32_t flows_move_at_s = 0;
    std::optional<std::uint32_t> weight = {};  // instead of the configured one

    bool is_default() const { return *this == AdminChoice(); }
    friend bool operator==(const AdminChoice&, const AdminChoice&) = default;
};

// The choices that are not the default. A value for any thread.
class AdminChoices {
  public:
    AdminChoice find(std::string_view pool, const IpAddress& backend) const;
    void set(const std::string& pool, const IpAddress& backend, const AdminChoice& choice);

    // Whether the choices for the backends of that pool are those in `other`.
    bool are_same_of(std::string_view pool, const AdminChoices& other) const;

    // Pools have other names now, all at once: by their former names.
    void rename_pools(const std::map<std::string, std::string>& renamed);

    // Calls `visit(pool, address, choice)` for each choice, in a fixed order.
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const auto& [pool, choices] : pools_) {
            for (const auto& [address, choice] : choices)
                visit(pool, address, choice);
        }
    }

    // Forgets the choices for backends that `config` does not have.
    void retain(const config::Config& config);

    // Whether flows of a backend began to move after `since_s` and not later than `until_s`.
    bool any_deadline_in(std::uint32_t since_s, std::uint32_t until_s) const;

    friend bool operator==(const AdminChoices&, const AdminChoices&) = default;

  private:
    // By pool; none is empty.
    std::map<std::string, std::map<IpAddress, AdminChoice>, std::less<>> pools_;
};

// A command of an operator. What is not given stays.
struct AdminChange {
    std::string pool;
    std::string backend;  // its name or address
    std::optional<abi::BackendAdmin> state = {};
    std::uint32_t flows_move_after_s = 0;  // with kMaint
    bool changes_weight = false;
    std::optional<std::uint32_t> weight = {};  // nullopt: the configured one

    friend bool operator==(const AdminChange&, const AdminChange&) = default;
};

// The backend that a command is for. An error if `config` has no such pool or backend.
Result<const config::Backend*> find_backend(const config::Config& config,
                                            const AdminChange& change);

// The choices after the change. An error if `config` has no such pool or backend. `now_s` is
// CLOCK_BOOTTIME.
Result<AdminChoices> with_change(AdminChoices choices, const config::Config& config,
                                 const AdminChange& change, std::uint32_t now_s);

}  // namespace vipfwd::health
