// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/forwarder.h"

#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>
#include <utility>

#include "dataplane/host/capture_file.h"
#include "dataplane/host/eal_arguments.h"
#include "dataplane/host/memory_check.h"
#include "dataplane/host/tap_check.h"
#include "dataplane/io/buffer_pool.h"
#include "dataplane/path/kernel_path.h"
#include "dataplane/path/worker_needs.h"

namespace vipfwd::io {
namespace {

// EAL's lcore of a worker; lcore 0 is the main thread (host/cpus.h).
unsigned lcore_of(std::uint32_t worker) {
    return worker + 1;
}

int run_worker(void* worker) {
    static_cast<Worker*>(worker)->run();
    return 0;
}

host::DeviceFacts facts_for(const host::PortClaim& claim, std::size_t number) {
    return {
        .number = static_cast<std::uint32_t>(number),
        .mtu = claim.mtu(),
        .steer_object = claim.steer_object(),
        .input = claim.input() >= 0 ? host::path_of(claim.input()) : "",
        .output = claim.output() >= 0 ? host::path_of(claim.output()) : "",
    };
}

}  // namespace

Result<std::unique_ptr<Forwarder>> Forwarder::open(const host::BootPlan& plan,
                                                   const std::string& file_prefix,
                                                   const std::string& run_directory) {
    const Result<host::LcorePlan> lcores = host::choose_lcores(plan.lcores, host::find_cpus());
    if (!lcores)
        return lcores.error();
    std::unique_ptr<Forwarder> forwarder(new Forwarder(plan));
    if (Result<void> done = forwarder->claim(); !done)
        return done.error();
    if (Result<void> done = forwarder->start_eal(*lcores, file_prefix, run_directory); !done)
        return done.error();
    if (Result<void> done = forwarder->open_ports(); !done)
        return done.error();
    if (Result<void> done = forwarder->make_workers(); !done)
        return done.error();
    forwarder->eal_->silence();
    return forwarder;
}

Forwarder::~Forwarder() {
    halt();
}

Result<void> Forwarder::claim() {
    for (const host::PortPlan& port : plan_.ports) {
        Result<host::PortClaim> taken = host::PortClaim::take(port);
        if (!taken)
            return taken.error();
        claims_.push_back(std::move(*taken));
    }
    return {};
}

Result<void> Forwarder::start_eal(const host::LcorePlan& lcores, const std::string& file_prefix,
                                  const std::string& run_directory) {
    std::vector<std::uint32_t> mtus;
    for (const host::PortClaim& claim : claims_)
        mtus.push_back(claim.mtu());
    memory_ = host::plan_memory(plan_, mtus, path::worker_needs(plan_));
    if (plan_.memory == abi::Memory::kHugepages)
        host::remove_hugepage_files(file_prefix, host::HugepageFiles::kUnused);
    if (Result<void> enough = host::check_memory(plan_.memory, memory_); !enough)
        return enough;
    Result<std::unique_ptr<Eal>> eal =
        Eal::start({.arguments = host::eal_arguments(plan_, lcores, memory_, file_prefix),
                    .file_prefix = file_prefix,
                    .memory = plan_.memory,
                    .run_directory = run_directory});
    if (!eal)
        return eal.error();
    eal_ = std::move(*eal);
    return {};
}

Result<void> Forwarder::open_ports() {
    const bool packed = std::none_of(plan_.ports.begin(), plan_.ports.end(), host::is_pci);
    Result<rte_mempool*> pool = make_buffer_pool(memory_, packed);
    if (!pool)
        return pool.error();
    pool_ = *pool;
    for (std::size_t i = 0; i < plan_.ports.size(); ++i) {
        const host::PortPlan& plan = plan_.ports[i];
        const Result<host::DeviceName> device = host::name_device(plan, facts_for(claims_[i], i));
        if (!device)
            return device.error();
        const Result<std::uint16_t> number = eal_->attach(plan, *device);
        if (!number)
            return number.error();
        Result<std::unique_ptr<Port>> port =
            Port::open(plan, claims_[i], *number, plan_.worker_count(), pool_);
        if (!port)
            return port.error();
        ports_.push_back(std::move(*port));
        if (Result<void> done = open_tap(*ports_.back(), static_cast<std::uint32_t>(i)); !done)
            return done.error();
    }
    return {};
}

Result<void> Forwarder::open_tap(Port& port, std::uint32_t number) {
    if (host::kernel_path(port.plan()) != host::KernelPath::kTap)
        return {};
    const host::PortFacts facts = port.facts();
    if (Result<void> possible = host::check_tap(port.plan()); !possible)
        return host::port_error(port.plan(), possible.error().message);
    const Result<std::uint16_t> device =
        eal_->attach(port.plan(), host::name_tap(port.plan(), number, facts.mac));
    if (!device)
        return device.error();
    Result<std::unique_ptr<Tap>> tap =
        Tap::open(*device, std::min(facts.mtu, facts.mtu_limit), plan_.worker_count(), pool_);
    if (!tap)
        return host::port_error(port.plan(), tap.error().message);
    port.set_tap(std::move(*tap));
    return {};
}

// Allocates all flow tables before it makes the first worker, because workers read each other's
// tables.
Result<void> Forwarder::make_workers() {
    const std::uint32_t count = plan_.worker_count();
    if (count > 1) {
        Result<std::unique_ptr<HandoffRings>> rings = HandoffRings::create(count);
        if (!rings)
            return rings.error();
        handoff_ = std::move(*rings);
    }
    std::vector<FlowMemory> memories;
    for (std::uint32_t worker = 0; worker < count; ++worker) {
        Result<FlowMemory> flows =
            FlowMemory::allocate(memory_.flow_table_bytes, plan_.memory, lcore_of(worker));
        if (!flows)
            return flows.error();
        memories.push_back(std::move(*flows));
        all_flows_.emplace_back(memories.back().buckets());
    }
    for (std::uint32_t worker = 0; worker < count; ++worker) {
        workers_.push_back(
            std::make_unique<Worker>(set_up(worker), std::move(memories[worker]), exchange_));
    }
    return {};
}

// Queue q of every port belongs to worker q modulo the number of workers.
Worker::Setup Forwarder::set_up(std::uint32_t worker) const {
    Worker::Setup setup{
        .index = worker,
        .workers = plan_.worker_count(),
        .queues = {},
        .ports = {},
        .kernel_ports = {},
        .pool = pool_,
        .handoff = handoff_.get(),
        .all_flows = all_flows_,
        .idle = plan_.idle,
        .is_replay = is_replay(),
    };
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const Port& port = *ports_[i];
        setup.ports.push_back({port.device(), port.takes_chains()});
        setup.kernel_ports.push_back(kernel_port(port));
        for (std::uint32_t queue = worker; queue < port.plan().queues;
             queue += plan_.worker_count()) {
            setup.queues.push_back({
                .device = port.device(),
                .queue = static_cast<std::uint16_t>(queue),
                .port = static_cast<std::uint8_t>(i),
                .is_capture = port.has_input(),
            });
        }
    }
    return setup;
}

path::KernelPort Forwarder::kernel_port(const Port& port) const {
    path::KernelPort kernel{.path = host::kernel_path(port.plan())};
    if (Tap* tap = port.tap()) {
        kernel.device = tap->device();
        kernel.longest_frame = tap->longest_frame();
        kernel.limit = packet::RateLimit(
            path::share_of_limit(port.plan().kernel_limit_pps, plan_.worker_count()));
        kernel.unsent = &tap->unsent();
    }
    return kernel;
}

bool Forwarder::is_replay() const {
    const auto is_pcap = [](const auto& port) { return port->plan().driver == abi::Driver::kPcap; };
    const auto has_input = [](const auto& port) { return port->has_input(); };
    return std::all_of(ports_.begin(), ports_.end(), is_pcap) &&
           std::any_of(ports_.begin(), ports_.end(), has_input);
}

Result<void> Forwarder::start() {
    for (std::uint32_t worker = 0; worker < workers_.size(); ++worker) {
        if (rte_eal_remote_launch(run_worker, workers_[worker].get(), lcore_of(worker)) != 0)
            return Error{"worker " + std::to_string(worker) + " could not be started"};
        running_ = true;
    }
    return {};
}

void Forwarder::halt() {
    if (!running_)
        return;
    for (const auto& worker : workers_)
        worker->stop();
    rte_eal_mp_wait_lcore();
    running_ = false;
    for (const auto& worker : workers_)
        worker->drain_handoffs();
    for (const auto& worker : workers_)
        worker->flush();
}

Result<void> Forwarder::stop() {
    halt();
    Result<void> outcome;
    for (const auto& port : ports_) {
        if (Result<void> closed = port->close(); !closed && outcome)
            outcome = std::move(closed);
    }
    return outcome;
}

// Fragments may still be held or in flight between workers: halt() processes them.
bool Forwarder::finished() const {
    return is_replay() && std::all_of(workers_.begin(), workers_.end(),
                                      [](const auto& worker) { return worker->finished(); });
}

std::vector<host::PortFacts> Forwarder::facts() const {
    std::vector<host::PortFacts> facts;
    for (const auto& port : ports_)
        facts.push_back(port->facts());
    return facts;
}

}  // namespace vipfwd::io
