// SPDX-License-Identifier: Apache-2.0
// Sends to a forwarder over memif and measures what comes back.
//
//   bench_peer SOCKET CPU
//
// For each line "FRAMES_PER_SECOND SECONDS TRAFFIC" on standard input (0: as fast as the memif
// accepts) it runs a trial with that kind of traffic (peer_traffic.h), and prints a JSON object.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/peer.h"
#include "tests/bench/peer_traffic.h"

namespace vipfwd::bench {
namespace {

constexpr unsigned kBuffers = 8191;
constexpr std::uint16_t kSlots = 1024;
constexpr std::uint64_t kConnect_s = 20;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "bench_peer: %s\n", what.c_str());
    std::exit(1);
}

void start_eal(const std::string& socket, const std::string& cpu) {
    std::vector<std::string> words{
        "bench_peer",  "--lcores",
        "0@" + cpu,    "--in-memory",
        "--no-pci",    "--no-telemetry",
        "--iova-mode", "va",
        "-m",          "64",
        "--log-level", "3",
        "--vdev",      "net_memif0,role=client,socket-abstract=no,socket=" + socket};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0)
        fail("DPDK does not start");
}

rte_mempool* open_device(std::uint16_t device) {
    rte_mempool* pool =
        rte_pktmbuf_pool_create("buffers", kBuffers, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
    const rte_eth_conf conf{};
    if (pool == nullptr || rte_eth_dev_configure(device, 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(device, 0, kSlots, 0, nullptr, pool) != 0 ||
        rte_eth_tx_queue_setup(device, 0, kSlots, 0, nullptr) != 0 ||
        rte_eth_dev_start(device) != 0)
        fail("cannot open the memif");
    return pool;
}

void wait_until_connected(std::uint16_t device) {
    const std::uint64_t deadline = rte_rdtsc() + kConnect_s * rte_get_tsc_hz();
    rte_eth_link link{};
    while (link.link_status == 0) {
        if (rte_rdtsc() > deadline)
            fail("nobody connects");
        rte_delay_us_sleep(1000);
        if (rte_eth_link_get_nowait(device, &link) != 0)
            fail("the memif has no link");
    }
}

void print(const Outcome& outcome) {
    const auto latency_ns = [&](double share) {
        return static_cast<double>(outcome.latencies.quantile(share)) * 1e9 /
               static_cast<double>(rte_get_tsc_hz());
    };
    std::printf(
        "{\"offered\": %" PRIu64 ", \"sent\": %" PRIu64 ", \"in_time\": %" PRIu64
        ", \"received\": %" PRIu64 ", \"plain_offered\": %" PRIu64 ", \"plain_received\": %" PRIu64
        ", \"p50_ns\": %.0f, \"p99_ns\": %.0f, \"p999_ns\": %.0f}\n",
        outcome.offered, outcome.sent, outcome.in_time, outcome.received, outcome.plain_offered,
        outcome.plain_received, latency_ns(0.5), latency_ns(0.99), latency_ns(0.999));
    std::fflush(stdout);
}

void serve(Peer& peer) {
    std::map<std::string, FrameSource> sources;
    for (const auto& [name, spec] : peer_traffics())
        sources.emplace(name, spec);
    std::string line;
    while (std::getline(std::cin, line)) {
        Trial trial;
        std::string traffic;
        std::istringstream words(line);
        if (!(words >> trial.rate_pps >> trial.duration_s >> traffic))
            fail("not a trial: " + line);
        const auto source = sources.find(traffic);
        if (source == sources.end())
            fail("no such traffic: " + traffic);
        print(peer.run(trial, source->second));
    }
}

}  // namespace
}  // namespace vipfwd::bench

int main(int count, char** arguments) {
    using namespace vipfwd::bench;
    if (count != 3)
        fail("usage: bench_peer SOCKET CPU");
    start_eal(arguments[1], arguments[2]);
    rte_mempool* pool = open_device(0);
    wait_until_connected(0);
    Peer peer(0, pool);
    serve(peer);
    rte_eth_dev_stop(0);
    rte_eth_dev_close(0);
    rte_eal_cleanup();
}
