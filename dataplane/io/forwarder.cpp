// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/forwarder.h"

#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>
#include <utility>

#include "dataplane/host/eal_arguments.h"
#include "dataplane/host/memory_check.h"
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

}  // namespace

Result<std::unique_ptr<Forwarder>> Forwarder::open(const host::BootPlan& plan,
                                                   const std::string& file_prefix,
                                                   const std::string& run_directory) {
    const Result<host::LcorePlan> lcores = host::choose_lcores(plan.lcores, host::find_cpus());
    if (!lcores)
        return lcores.error();
    std::unique_ptr<Forwarder> forwarder(new Forwarder(plan));
    if (Result<void> done = forwarder->ports_.claim(); !done)
        return done.error();
    if (Result<void> done = forwarder->start_eal(*lcores, file_prefix, run_directory); !done)
        return done.error();
    if (Result<void> done = forwarder->open_ports(); !done)
        return done.error();
    if (Result<void> done = forwarder->make_waits(); !done)
        return done.error();
    if (Result<void> done = forwarder->make_workers(); !done)
        return done.error();
    forwarder->eal_->set_log(false);
    return forwarder;
}

Forwarder::~Forwarder() {
    halt();
}

Result<void> Forwarder::start_eal(const host::LcorePlan& lcores, const std::string& file_prefix,
                                  const std::string& run_directory) {
    memory_ = host::plan_memory(plan_, ports_.buffer_mtus(), path::worker_needs(plan_));
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
    return ports_.open(*eal_, pool_);
}

Result<void> Forwarder::make_waits() {
    if (plan_.idle != abi::Idle::kSleep)
        return {};
    std::size_t queues = 0;
    for (const host::PortPlan& port : plan_.ports)
        queues += port.queues + (host::kernel_path(port) == host::KernelPath::kTap ? 1 : 0);
    for (std::uint32_t worker = 0; worker < plan_.worker_count(); ++worker) {
        Result<std::unique_ptr<host::KernelWait>> wait = host::KernelWait::create(queues);
        if (!wait)
            return wait.error();
        waits_.push_back(std::move(*wait));
    }
    return {};
}

// Allocates all flow tables before it makes the first worker, because workers read each other's
// tables.
Result<void> Forwarder::make_workers() {
    const std::uint32_t count = plan_.worker_count();
    if (count > 1) {
        Result<std::unique_ptr<HandoffRings>> rings = HandoffRings::create(count, waits_);
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
Worker::Setup Forwarder::set_up(std::uint32_t worker) {
    Worker::Setup setup{
        .index = worker,
        .workers = plan_.worker_count(),
        .queues = {},
        .kernel_ports = {},
        .devices = &ports_.devices(),
        .pool = pool_,
        .handoff = handoff_.get(),
        .all_flows = all_flows_,
        .idle = plan_.idle,
        .wait = waits_.empty() ? nullptr : waits_[worker].get(),
        .is_replay = is_replay(),
    };
    for (const auto& slot : ports_.slots()) {
        const auto port = static_cast<std::uint8_t>(setup.kernel_ports.size());
        setup.kernel_ports.push_back(kernel_port(*slot, worker));
        for (std::uint32_t queue = worker; queue < slot->plan().queues;
             queue += plan_.worker_count()) {
            setup.queues.push_back({
                .device = slot->device().device,
                .queue = static_cast<std::uint16_t>(queue),
                .port = port,
                .is_capture = slot->has_input(),
            });
        }
    }
    return setup;
}

path::KernelPort Forwarder::kernel_port(const PortSlot& slot, std::uint32_t worker) const {
    path::KernelPort kernel{.path = host::kernel_path(slot.plan())};
    if (kernel.path == host::KernelPath::kTap) {
        Tap* const tap = slot.port()->tap();
        kernel.device = tap->device();
        kernel.longest_frame = tap->longest_frame();
        const packet::RateLimit limit(
            path::share_of_limit(slot.plan().kernel_limit_pps, plan_.worker_count()));
        kernel.limit = limit;
        kernel.limit_from_vips = limit;
        kernel.unsent = &tap->unsent();
        kernel.wakeup = tap->wakeup(worker);
    }
    return kernel;
}

bool Forwarder::is_replay() const {
    const auto is_pcap = [](const auto& slot) { return slot->plan().driver == abi::Driver::kPcap; };
    const auto has_input = [](const auto& slot) { return slot->has_input(); };
    return std::ranges::all_of(ports_.slots(), is_pcap) &&
           std::ranges::any_of(ports_.slots(), has_input);
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
    wake_workers();
    rte_eal_mp_wait_lcore();
    running_ = false;
    for (const auto& worker : workers_)
        worker->drain_handoffs();
    for (const auto& worker : workers_)
        worker->flush();
}

void Forwarder::wake_workers() {
    for (const auto& wait : waits_)
        wait->signal();
}

bool Forwarder::follow_interfaces() {
    const bool has_changed = ports_.follow_interfaces(running_);
    if (!ports_.devices().settled())
        wake_workers();
    return has_changed;
}

Result<void> Forwarder::stop() {
    halt();
    return ports_.close();
}

// Fragments may still be held or in flight between workers: halt() processes them.
bool Forwarder::finished() const {
    return is_replay() && std::all_of(workers_.begin(), workers_.end(),
                                      [](const auto& worker) { return worker->finished(); });
}

}  // namespace vipfwd::io
