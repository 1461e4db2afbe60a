// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/forwarder.h"

#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>
#include <utility>

#include "dataplane/io/buffer_pool.h"
#include "dataplane/io/capture_file.h"
#include "dataplane/io/eal_arguments.h"
#include "dataplane/io/kernel_path.h"
#include "dataplane/io/memory_check.h"
#include "dataplane/io/tap_check.h"

namespace vipfwd::io {
namespace {

// EAL's lcore of a worker: lcore 0 is main (see lcores.h).
unsigned lcore_of(std::uint32_t worker) {
    return worker + 1;
}

int run_worker(void* worker) {
    static_cast<Worker*>(worker)->run();
    return 0;
}

DeviceFacts facts_for(const PortClaim& claim, std::size_t number) {
    return {
        .number = static_cast<std::uint32_t>(number),
        .mtu = claim.mtu(),
        .steer_object = claim.steer_object(),
        .input = claim.input() >= 0 ? path_of(claim.input()) : "",
        .output = claim.output() >= 0 ? path_of(claim.output()) : "",
    };
}

}  // namespace

Result<std::unique_ptr<Forwarder>> Forwarder::open(const BootPlan& plan,
                                                   const std::string& file_prefix,
                                                   const std::string& run_directory) {
    const Result<LcorePlan> lcores = choose_lcores(plan.lcores, find_cpus());
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
    for (const PortPlan& port : plan_.ports) {
        Result<PortClaim> taken = PortClaim::take(port);
        if (!taken)
            return taken.error();
        claims_.push_back(std::move(*taken));
    }
    return {};
}

Result<void> Forwarder::start_eal(const LcorePlan& lcores, const std::string& file_prefix,
                                  const std::string& run_directory) {
    std::vector<std::uint32_t> mtus;
    for (const PortClaim& claim : claims_)
        mtus.push_back(claim.mtu());
    memory_ = plan_memory(plan_, mtus);
    if (plan_.memory == abi::Memory::kHugepages)
        remove_hugepage_files(file_prefix, HugepageFiles::kUnused);
    if (Result<void> enough = check_memory(plan_.memory, memory_); !enough)
        return enough;
    Result<std::unique_ptr<Eal>> eal =
        Eal::start({.arguments = eal_arguments(plan_, lcores, memory_, file_prefix),
                    .file_prefix = file_prefix,
                    .memory = plan_.memory,
                    .run_directory = run_directory});
    if (!eal)
        return eal.error();
    eal_ = std::move(*eal);
    return {};
}

Result<void> Forwarder::open_ports() {
    const bool packed = std::none_of(plan_.ports.begin(), plan_.ports.end(), is_pci);
    Result<rte_mempool*> pool = make_buffer_pool(memory_, packed);
    if (!pool)
        return pool.error();
    pool_ = *pool;
    for (std::size_t i = 0; i < plan_.ports.size(); ++i) {
        const PortPlan& plan = plan_.ports[i];
        const Result<DeviceName> device = name_device(plan, facts_for(claims_[i], i));
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
    if (kernel_path(port.plan()) != KernelPath::kTap)
        return {};
    const PortFacts facts = port.facts();
    if (Result<void> possible = check_tap(port.plan()); !possible)
        return port_error(port.plan(), possible.error().message);
    const Result<std::uint16_t> device =
        eal_->attach(port.plan(), name_tap(port.plan(), number, facts.mac));
    if (!device)
        return device.error();
    Result<std::unique_ptr<Tap>> tap =
        Tap::open(*device, std::min(facts.mtu, facts.mtu_limit), plan_.worker_count(), pool_);
    if (!tap)
        return port_error(port.plan(), tap.error().message);
    port.give_tap(std::move(*tap));
    return {};
}

// Workers look into each other's flow tables: all are there before the first worker is.
Result<void> Forwarder::make_workers() {
    const std::uint32_t count = plan_.worker_count();
    if (count > 1) {
        Result<std::unique_ptr<HandOverRings>> rings = HandOverRings::create(count);
        if (!rings)
            return rings.error();
        hand_over_ = std::move(*rings);
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
        .others = hand_over_.get(),
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

KernelPort Forwarder::kernel_port(const Port& port) const {
    KernelPort kernel{.path = kernel_path(port.plan())};
    if (Tap* tap = port.tap()) {
        kernel.device = tap->device();
        kernel.longest_frame = tap->longest_frame();
        kernel.limit =
            packet::RateLimit(share_of_limit(port.plan().kernel_limit_pps, plan_.worker_count()));
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
            return Error{"worker " + std::to_string(worker) + " does not start"};
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
        worker->serve_leftovers();
    for (const auto& worker : workers_)
        worker->let_go();
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

// What fragments are still under way is halt()'s.
bool Forwarder::finished() const {
    return is_replay() && std::all_of(workers_.begin(), workers_.end(),
                                      [](const auto& worker) { return worker->finished(); });
}

std::vector<PortFacts> Forwarder::facts() const {
    std::vector<PortFacts> facts;
    for (const auto& port : ports_)
        facts.push_back(port->facts());
    return facts;
}

}  // namespace vipfwd::io
