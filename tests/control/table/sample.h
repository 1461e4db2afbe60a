// SPDX-License-Identifier: Apache-2.0
// A small configuration and network for the tests of tables.
#pragma once

#include <string>

#include "control/config/model.h"
#include "control/table/build.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::table::sample {

inline IpAddress ip(const std::string& text) {
    return parse_ip(text).value();
}

inline config::Backend backend(const std::string& name, const std::string& address,
                               std::uint32_t weight = 100) {
    config::Backend made;
    made.name = name;
    made.address = ip(address);
    made.weight = weight;
    return made;
}

inline config::Service service(const std::string& name, const std::string& vip, std::uint16_t port,
                               std::size_t pool) {
    config::Service made;
    made.name = name;
    made.vip = ip(vip);
    made.port_first = made.port_last = port;
    made.pool = pool;
    return made;
}

// Port "uplink"; pool "web" of web1..3, pool "db" of db1; services web and db.
inline config::Config config() {
    config::Config made;
    made.gateway.key = abi::HashKey{{11, 22}};
    config::Port port;
    port.name = "uplink";
    port.device = "eth1";
    made.ports.push_back(port);
    config::Pool web;
    web.name = "web";
    web.backends = {backend("web1", "10.0.0.11"), backend("web2", "10.0.0.12"),
                    backend("web3", "10.0.0.13")};
    config::Pool db;
    db.name = "db";
    db.backends = {backend("db1", "10.0.0.21")};
    made.pools = {web, db};
    made.services = {service("web", "10.0.0.100", 80, 0), service("db", "10.0.0.101", 3306, 1)};
    return made;
}

inline config::Group group(const std::string& name, std::vector<IpAddress> vips) {
    config::Group made;
    made.name = name;
    made.port = "uplink";
    made.id = 51;
    made.vips = std::move(vips);
    return made;
}

// Every address is next door, behind a MAC made of its last octet.
inline net::Facts facts() {
    return {
        .ports = {{.name = "uplink",
                   .source_v4 = ip("10.0.0.1"),
                   .source_v6 = {},
                   .own_v4 = ip("10.0.0.1"),
                   .own_v6 = ip("fd00::1"),
                   .link_local = ip("fe80::1"),
                   .mtu = 1500}},
        .next_hop = [](const IpAddress& address) -> std::optional<net::NextHop> {
            return net::NextHop{{{2, 0, 0, 0, 0, address.bytes[15]}}, 0};
        },
    };
}

inline Counters zero_counters() {
    const auto zero = [](std::uint32_t) { return CounterValue{}; };
    return {.service = zero, .backend = zero};
}

inline Build must_build(const config::Config& config, const Tables& previous = {},
                        std::uint32_t now_s = 1000) {
    return build(config, facts(), previous, zero_counters(), now_s).value();
}

}  // namespace vipfwd::table::sample
