// SPDX-License-Identifier: Apache-2.0
// The results of `vipctl show ...` as JSON, which `vipctl -j` prints: the read model of
// control/view in words. Counts are packets unless they are named bytes. What is not known is null.
//
// What takes a Snapshot may have many rows: it may run on any thread, and writes the JSON as text.
#pragma once

#include <string>

#include "control/events/event_log.h"
#include "control/protocol/json.h"
#include "control/view/snapshot.h"
#include "control/view/source.h"
#include "dataplane/abi/hash.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// {"gateway": NAME, "version", "uptime_s",
//  "config": {"path", "warnings": [TEXT]},
//  "generation": 0 if nothing is in force,
//  "region": null | {"id": HEX},
//  "dataplane": {"connected", "ready", "pid", "acknowledged_generation",
//                "last_change": null | {"generation", "published_us", "acknowledged_us"},
//                "publish_pending", "rejected": null | {"generation", "reason"}, "restart_needed",
//                "uptime_s"},
//  "totals": {"received", "forwarded", "to_kernel", "answered", "dropped", "held", "split", "own",
//             "transmitted"},
//  "bytes": {"received", "forwarded", "transmitted"},
//  "vips": [{"address", "owned", "group": null | NAME}]}
// "last_change": how long the last generation took since the change that it serves was decided,
// until it was published and until all workers had acknowledged it (null: not yet).
// Totals are of all workers, for as long as the region exists:
// received = forwarded + to_kernel + answered + dropped + held, once what workers hand over to each
// other has arrived; transmitted = forwarded + answered + split + own. "held" are fragments that
// wait for the first one of their datagram, "split" frames that fragmenting added, "own" adverts
// and announcements of VIPs.
Json show_status(const view::Source& source);

// [{"name", "vip", "protocol", "port": "80" | "8000-8099" | "any", "pool", "forward",
//   "affinity": "none" | "source", "pin_flows",
//   "backends": {"serving", "draining", "down", "total"},
//   "packets", "bytes"}]
// The configured services; numbers are those in force.
std::string show_services(const view::Snapshot& snapshot);

// [{"pool", "name", "address", "weight", "weight_configured",
//   "admin": "ready" | "drain" | "maint" | "agent-drain" | "agent-maint",
//   "state": "serving" | "draining" | "down" | "pending",
//   "slots", "share", "next_hop": {"resolved", "mac", "port", "state"}, "packets", "bytes",
//   "flows_left",
//   "health": "up" | "down" | "unknown", "health_age_ms", "why": null | TEXT,
//   "last": null | {"result": "good" | "unreachable" | "failed" | "none", "reason", "age_ms"},
//   "latency_us": null | {"last", "p50", "p99"},
//   "agent": {"answer": null | {"state": "ready" | "drain" | "maint" | "down", "weight_percent",
//                               "line"}, "last"}}]
// "share" is the fraction of the ring's slots, and so of new flows: 0 to 1. "pending": not in force
// yet. "flows_left" is there for draining backends, from some seconds after they began: how many
// connections they have, as of the last ten seconds; with more than 256 services at most so many.
// From "health" on, the fields are there only if the pool has a check. "health_age_ms" is null
// if the health has not changed since control started. "why": it is down. Latencies are of the last
// 32 good results. "agent" is there if the pool's agents are asked: "answer" is the last one that
// was understood, "last" the result of the last attempt. An error if there is no such pool; the
// empty name stands for all pools.
Result<std::string> show_backends(const view::Snapshot& snapshot, const std::string& pool);

// [{"name": "tcp 10.0.0.11:80", "type", "address", "port", "backends": how many, "health",
//   "interval_ms", "fast_interval_ms", "timeout_ms", "rise", "fall",
//   "results": {"good", "unreachable", "failed", "none"}, "health_age_ms", "why", "last",
//   "latency_us", "agent"}]
// The health checks: backends that are checked alike share one. The last five, and "health", are as
// for backends.
std::string show_checks(const view::Snapshot& snapshot);

// [{"name", "device", "driver", "queues", "state": "up" | "down" | "absent" | "not running",
//   "mac", "mtu", "addresses": [TEXT], "vlan", "outer_vlan", "kernel_interface",
//   "received": {"packets", "bytes"}, "transmitted": {"packets", "bytes"}, "missed",
//   "receive_errors", "transmit_errors", "configured"}]
// The configured ports, then those that the dataplane still runs although they are not configured
// any more; their "configured" is false. "mac" and "mtu" are null until they are known. "vlan",
// "outer_vlan" and "kernel_interface" (a tap) are null if the port has none.
Json show_ports(const view::Source& source);

// [{"worker", "lcore", "alive", "heartbeat_age_ms", "generation", "received", "forwarded",
//   "to_kernel", "answered", "dropped", "handed_in", "handed_out", "held", "split_frames",
//   "own_frames", "transmitted", "too_big_answers", "icmp_small_mtu", "bytes": {"received",
//   "forwarded", "transmitted"}, "flows": {"hits", "inserts", "evictions", "table_full",
//   "over_budget", "missed"}, "polls", "busy", "busy_mean"}]
// received + handed_in = forwarded + to_kernel + answered + dropped + handed_out + held.
// "alive": its last heartbeat is less than a second old. "busy": the fraction of all polls that
// found packets, 0 to 1, in the last one to two seconds; null in the first seconds of control, and
// while the worker does not poll. "busy_mean": the same for as long as the region exists.
Json show_workers(const view::Source& source);

// [{"name", "port", "id", "family": "ipv4" | "ipv6", "version", "state": "down" | "backup" |
//   "active" | "handing_over", "cause", "state_age_ms", "owner": null | ADDRESS,
//   "priority": {"effective", "configured", "chosen", "hindrances": [TEXT],
//   "tracks": [{"track", "state": "unknown" | "good" | "bad", "failure": null | TEXT, "weight",
//     "contribution"}]},
//   "advert_interval_ms", "source",
//   "authentication": {"mode": null | "required" | "optional", "unverified"}, "vips": how many,
//   "accept", "kernel_address": null | {"present", "repairs", "problem": null | TEXT},
//   "heard": null | {"source", "priority", "interval_ms", "vips", "age_ms"}, "adverts_received",
//   "discards": {REASON: count}, "transitions": [{"age_ms", "from", "to", "cause"}]}]
// The effective priority is 0 while there are hindrances; "chosen" is the operator's, or null.
// "unverified" adverts were accepted although they are not authentic; "repairs" counts VIPs that
// were removed by somebody and added again.
Json show_groups(const view::Source& source);

// [{"reason", "description", "packets"}], the most frequent first. Reasons that never occurred are
// left out unless `all` is true.
Json show_drops(const view::Source& source, bool all);

// [{"id", "time_ms", "level", "object", "name", "change", "cause"}], see events::to_json(); the
// oldest first. Times are Unix time.
std::string show_events(const view::Snapshot& snapshot, const events::Query& query);

// `vipctl lookup`: what becomes of a flow's first packet, and why.
// {"service", "pool", "forward", "affinity", "slot", "ring_slots", "backend", "address",
//  "health": "up" | "down" | "unknown" | "unchecked",
//  "next_hop": {"resolved", "mac", "port", "state"}, "why": TEXT}
// Everything but "why" is null from where the packet's way ends: no service, or no backend.
Json show_lookup(const view::Source& source, const abi::FlowKey& flow);

}  // namespace vipfwd::api
