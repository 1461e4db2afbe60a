// SPDX-License-Identifier: Apache-2.0
#include "control/view/warnings.h"

#include <algorithm>
#include <cstdint>

#include "control/view/in_force.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::view {
namespace {

bool has_vip(const Source& source, const group::GroupStatus& group, const IpAddress& vip) {
    const auto configured =
        std::ranges::find(source.config.groups, group.name, &config::Group::name);
    return configured != source.config.groups.end() &&
           std::ranges::find(configured->vips, vip) != configured->vips.end();
}

// The file need not list the addresses of ports, so that only the network tells. Such a backend has
// no next hop; where all have one, none is looked up.
void add_own_backends(const Source& source, std::vector<std::string>& all) {
    if (std::ranges::none_of(tables_in_force(source).backends, table::lacks_next_hop))
        return;
    for (const config::Pool& pool : source.config.pools) {
        for (const config::Backend& backend : pool.backends) {
            if (is_own_address(source, backend.address))
                all.push_back("backend '" + backend.name + "' of pool '" + pool.name +
                              "': " + to_string(backend.address) +
                              " is this gateway's own address, so that its packets are dropped; "
                              "use the server's own address");
        }
    }
}

}  // namespace

std::vector<group::Warning> warnings_of(const Source& source, const group::GroupStatus& group) {
    std::vector<group::Warning> all = group.warnings;
    for (const group::Warning& conflict : source.conflicts) {
        if (has_vip(source, group, conflict.vip))
            all.push_back(conflict);
    }
    return all;
}

std::vector<std::string> warnings(const Source& source) {
    std::vector<std::string> all;
    for (const group::GroupStatus& group : source.groups) {
        for (const group::Warning& warning : warnings_of(source, group))
            all.push_back("group '" + group.name + "': " + warning.text);
    }
    for (const group::Warning& conflict : source.conflicts) {
        if (std::ranges::none_of(source.groups, [&](const group::GroupStatus& group) {
                return has_vip(source, group, conflict.vip);
            }))
            all.push_back(conflict.text);
    }
    add_own_backends(source, all);
    return all;
}

}  // namespace vipfwd::view
