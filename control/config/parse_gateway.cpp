// SPDX-License-Identifier: Apache-2.0
// [gateway], [control], [dataplane], [[port]] and [[neighbor]].
#include "control/config/choice.h"
#include "control/config/device.h"
#include "control/config/parse_tables.h"
#include "control/config/value.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::config {
namespace {

constexpr Bounds kTimeout_s{1, abi::kMaxFlowTimeout_s};
constexpr Bounds kVlan{1, abi::kMaxVlan};

void parse_flow_timeouts(TableReader& table, DataplaneDraft& draft) {
    abi::FlowTimeouts& timeouts = draft.dataplane.flow_timeouts;
    draft.at.opening_s = table.integer("opening_s", kTimeout_s).into(timeouts.opening_s);
    draft.at.established_s =
        table.integer("established_s", kTimeout_s).into(timeouts.established_s);
    table.integer("closing_s", kTimeout_s).into(timeouts.closing_s);
    table.integer("udp_s", kTimeout_s).into(timeouts.udp_s);
}

}  // namespace

GatewayDraft parse_gateway(TableReader& table) {
    GatewayDraft draft;
    table.text("name", parse_name).into(draft.gateway.name);
    draft.at.seed_file = table.text("seed_file", parse_path).into(draft.gateway.seed_file);
    draft.at.random_seed = table.boolean("random_seed").into(draft.gateway.random_seed);
    draft.at.script_user = table.text("script_user", parse_name).into(draft.gateway.script_user);
    table.integer("gue_port", {1, 65535}).into(draft.gateway.gue_port);
    table.integer("peer_port", {0, 65535}).into(draft.gateway.peer_port);
    return draft;
}

Control parse_control(TableReader& table) {
    Control control;
    table.integer("threads", {1, 256}).into(control.threads);
    return control;
}

DataplaneDraft parse_dataplane(TableReader& table) {
    DataplaneDraft draft;
    Dataplane& dataplane = draft.dataplane;
    draft.at.workers = table.integer("workers", {1, abi::kMaxWorkers}).into(dataplane.workers);

    FoundList<std::uint32_t> lcores = table.integers("lcores", {0, 1023});
    draft.at.lcores = lcores.where;
    draft.at.each_lcore = std::move(lcores).into(dataplane.lcores);
    const std::size_t count = dataplane.lcores.size();
    if (!draft.at.workers.is_set() && count >= 1 && count <= abi::kMaxWorkers)
        dataplane.workers = static_cast<std::uint32_t>(count);

    table.integer("flows_per_worker", {1024, abi::kMaxFlowsPerWorker})
        .into(dataplane.flows_per_worker);
    if (std::optional<TableReader> timeouts =
            table.table("flow_timeouts", "[dataplane.flow_timeouts]")) {
        parse_flow_timeouts(*timeouts, draft);
        timeouts->finish();
    }
    dataplane.new_flows_per_s = default_new_flows_per_s(dataplane.flows_per_worker);
    table.integer("new_flows_per_s", {0, 4'000'000'000}).into(dataplane.new_flows_per_s);
    table.integer("service_share_percent", {1, 100}).into(dataplane.service_share_percent);
    table.text("idle", parse_idle).into(dataplane.idle);
    bool hugepages = dataplane.memory == abi::Memory::kHugepages;
    table.boolean("hugepages").into(hugepages);
    dataplane.memory = hugepages ? abi::Memory::kHugepages : abi::Memory::kNormal;
    return draft;
}

PortDraft parse_port(TableReader& table) {
    PortDraft draft;
    Port& port = draft.port;
    port.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(port.name);
    draft.at.device = table.text("device", parse_device, Presence::kRequired).into(port.device);
    draft.at.driver = table.text("driver", parse_driver, Presence::kRequired).into(port.driver);
    draft.at.output = table.text("output", parse_device).into(port.output);
    draft.at.queues = table.integer("queues", {1, abi::kMaxQueuesPerPort}).into(port.queues);
    table.text("mac", parse_unicast_mac).into(port.mac);
    draft.at.addresses = table.texts("addresses", parse_interface_address).into(port.addresses);
    draft.at.mtu = table.integer("mtu", {576, 65535}).into(port.mtu);
    table.integer("vlan", kVlan).into(port.vlan);
    draft.at.outer_vlan = table.integer("outer_vlan", kVlan).into(port.outer_vlan);
    draft.at.tunnel_sources =
        table.texts("tunnel_source", parse_tunnel_source).into(port.tunnel_sources);
    if (takes_kernel_interface(port.driver) && is_interface_name(port.name))
        port.kernel_interface = port.name;
    draft.at.kernel_interface =
        table.text("kernel_interface", parse_interface_or_none).into(port.kernel_interface);
    draft.at.kernel_limit_pps =
        table.integer("kernel_limit_pps", {1, 10'000'000}).into(port.kernel_limit_pps);
    return draft;
}

NeighborDraft parse_neighbor(TableReader& table) {
    NeighborDraft draft;
    Neighbor& neighbor = draft.neighbor;
    neighbor.where = table.where();
    draft.at.address =
        table.text("address", parse_unicast, Presence::kRequired).into(neighbor.address);
    draft.at.mac = table.text("mac", parse_unicast_mac, Presence::kRequired).into(neighbor.mac);
    draft.at.port = table.text("port", parse_name).into(neighbor.port);
    return draft;
}

}  // namespace vipfwd::config
