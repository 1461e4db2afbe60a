// SPDX-License-Identifier: Apache-2.0
#include "control/decap/settings.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/decap_settings.h"

namespace vipfwd::decap {
namespace {

constexpr std::uint32_t kFamilyBits = 8 * sizeof(decap_source::family);
constexpr std::uint32_t kMappedBits = 96;  // before the address, if it is IPv4

static_assert(sizeof(decap_source::address) == sizeof(IpAddress));

Error failure(const std::string& what) {
    return system_error("cannot " + what);
}

decap_source key_of(const SourcePrefix& prefix) {
    const bool is_v4 = prefix.network.is_v4();
    decap_source key{};
    key.prefix_bits = kFamilyBits + (is_v4 ? kMappedBits : 0) + prefix.length;
    key.family[3] = is_v4 ? 4 : 6;
    std::memcpy(key.address, prefix.network.bytes.data(), sizeof key.address);
    return key;
}

SourcePrefix prefix_of(const decap_source& key) {
    SourcePrefix prefix;
    std::memcpy(prefix.network.bytes.data(), key.address, sizeof key.address);
    prefix.length = key.prefix_bits - kFamilyBits - (key.family[3] == 4 ? kMappedBits : 0);
    return prefix;
}

Result<void> allow(int map, const decap_source& source) {
    const std::uint32_t unused = 1;
    if (bpf_map_update_elem(map, &source, &unused, BPF_ANY) != 0)
        return failure("list a source that is allowed");
    return {};
}

Result<std::vector<SourcePrefix>> allowed_in(int map) {
    std::vector<SourcePrefix> allowed;
    decap_source key{};
    std::optional<decap_source> previous;
    while (bpf_map_get_next_key(map, previous ? &*previous : nullptr, &key) == 0) {
        if (key.prefix_bits != 0)
            allowed.push_back(prefix_of(key));
        previous = key;
    }
    if (errno != ENOENT)
        return failure("list the sources that are allowed");
    std::sort(allowed.begin(), allowed.end());
    return allowed;
}

}  // namespace

Result<void> write_settings(const SettingsMaps& maps, const Settings& settings) {
    const std::uint32_t only = 0;
    const decap_settings value{.gue_port = settings.gue_port};
    if (bpf_map_update_elem(maps.settings, &only, &value, BPF_ANY) != 0)
        return failure("set the UDP port of GUE");
    if (const auto listed = bpf::set_addresses(maps.local, settings.addresses); !listed)
        return listed.error();
    if (const auto listed = bpf::set_addresses(maps.vips, settings.vips); !listed)
        return listed.error();
    if (settings.allowed.empty())
        return allow(maps.allowed, decap_source{});
    for (const SourcePrefix& prefix : settings.allowed) {
        if (Result<void> listed = allow(maps.allowed, key_of(prefix)); !listed)
            return listed;
    }
    return {};
}

Result<Settings> read_settings(const SettingsMaps& maps) {
    const std::uint32_t only = 0;
    decap_settings value{};
    if (bpf_map_lookup_elem(maps.settings, &only, &value) != 0)
        return failure("read the UDP port of GUE");
    Result<std::vector<IpAddress>> addresses = bpf::addresses_in(maps.local);
    if (!addresses)
        return addresses.error();
    Result<std::vector<IpAddress>> vips = bpf::addresses_in(maps.vips);
    if (!vips)
        return vips.error();
    Result<std::vector<SourcePrefix>> allowed = allowed_in(maps.allowed);
    if (!allowed)
        return allowed.error();
    return Settings{*std::move(addresses), *std::move(vips), value.gue_port, *std::move(allowed)};
}

}  // namespace vipfwd::decap
