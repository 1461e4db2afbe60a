// SPDX-License-Identifier: Apache-2.0
// A configuration that has been parsed but not yet checked: the model's values, and in `at` the
// places of those values that a check may have to report. A value that is absent or invalid has its
// default and no place: checks skip it, so that one mistake is reported once.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/model.h"

namespace vipfwd::config {

struct GatewayDraft {
    Gateway gateway;
    struct {
        Location seed_file, random_seed, script_user;
    } at;
};

struct DataplaneDraft {
    Dataplane dataplane;
    struct {
        Location workers, lcores, opening_s, established_s;
        std::vector<Location> each_lcore;
    } at;
};

struct PortDraft {
    Port port;
    struct {
        Location name, device, output, driver, queues, mtu, outer_vlan, kernel_interface,
            kernel_limit_pps;
        std::vector<Location> addresses, tunnel_sources;
    } at;
};

struct NeighborDraft {
    Neighbor neighbor;
    struct {
        Location address, mac, port;
    } at;
};

struct TrackDraft {
    Track track;
    Location where;
    int keys = 0;  // how many of port, script, process and pool are present
    struct {
        Location port, script, pool, timing;  // `timing`: the first of interval_ms, ...
    } at;
};

struct GroupDraft {
    Group group;                     // without its tracks
    bool has_invalid_peers = false;  // `peers` is present, but was reported as invalid
    std::vector<TrackDraft> tracks;
    struct {
        Location name, port, id, version, advert_interval_ms, checksum_pseudo_header, vip_list,
            kernel_address, sync_set, auth_key_file, auth_second_key_file, auth_required;
        std::vector<Location> peers, vips;
    } at;
};

struct BackendDraft {
    Backend backend;
    struct {
        Location name, address, weight, tier, check_address, check_port;
    } at;
};

// A key of a check that only some types have.
struct CheckKey {
    const char* key;
    Location where;
    std::vector<CheckType> types;
};

struct PoolDraft {
    Pool pool;  // without its backends
    std::vector<BackendDraft> backends;
    struct {
        Location name, ring_slots, check, check_via, check_interval_ms, check_timeout_ms,
            check_fast_interval_ms, check_ca_file, check_user, check_password_file, check_name,
            check_command, min_up, failback, slow_start_ms;
        std::vector<CheckKey> check_keys;
    } at;
};

struct ServiceDraft {
    Service service;  // without its pool
    std::string pool_name;
    struct {
        Location name, vip, protocol, port, pool, forward, always_owned;
    } at;
};

struct Draft {
    GatewayDraft gateway;
    Control control;
    DataplaneDraft dataplane;
    std::vector<PortDraft> ports;
    std::vector<NeighborDraft> neighbors;
    std::vector<GroupDraft> groups;
    std::vector<PoolDraft> pools;
    std::vector<ServiceDraft> services;
};

// Calls `visit(address, where)` for each VIP of the groups and services, once per occurrence.
template <typename Visit>
void for_each_vip(const Draft& draft, Visit visit) {
    for (const GroupDraft& group : draft.groups) {
        for (std::size_t i = 0; i < group.group.vips.size(); ++i)
            visit(group.group.vips[i], group.at.vips[i]);
    }
    for (const ServiceDraft& service : draft.services) {
        if (service.at.vip.is_set())
            visit(service.service.vip, service.at.vip);
    }
}

// Why checks of a pool cannot go through the tunnel to the backends; nullopt: they can. `is_used`:
// a service uses the pool.
std::optional<std::string> obstacle_to_tunnel(const Draft& draft, const Pool& pool, bool is_used);

// Requires a draft without errors: every service's pool must exist.
Config to_config(Draft draft);

}  // namespace vipfwd::config
