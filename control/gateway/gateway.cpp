// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/gateway.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "control/table/arrange.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kSteerAgain_ms = 1000;
// Who flushes an interface is not to be fought address by address.
constexpr std::int64_t kPutBack_ms = 50;
// How long a dataplane that owns VIPs for a control before this one has to connect.
constexpr std::int64_t kAdoption_ns = 3000 * std::int64_t{kNanosecondsPerMs};
// How long a next hop may take to answer: the kernel asks it once a second.
constexpr std::int64_t kResolving_ns = 2000 * std::int64_t{kNanosecondsPerMs};

bool is_error(const config::Diagnostic& diagnostic) {
    return diagnostic.severity == config::Diagnostic::Severity::kError;
}

const table::Tables& nothing_before() {
    static const table::Tables empty;
    return empty;
}

table::Counters no_counters() {
    const auto zero = [](std::uint32_t) { return table::CounterValue{}; };
    return {.service = zero, .backend = zero};
}

Result<void> make_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST)
        return {};
    return system_error("cannot make run directory " + path);
}

}  // namespace

config::LoadOutcome load(const Options& options) {
    config::LoadOutcome loaded = config::load(options.config_path);
    if (loaded.config && options.replay) {
        loaded.config = config::for_replay(std::move(*loaded.config), options.replay->input,
                                           options.replay->output);
    }
    return loaded;
}

Gateway::Gateway(Loop& loop, Options options, config::LoadOutcome loaded)
    : loop_(loop),
      options_(std::move(options)),
      started_at_ns_(monotonic_ns()),
      next_hops_(
          loop, [this] { refresh(); },
          [this] {
              if (!put_back_.armed())
                  put_back_.fire_after(kPutBack_ms);
          }),
      link_(loop, {.hello = [this](abi::Fd fd) { return give_region(std::move(fd)); },
                   .leaving = [this] { groups_.leave(); },
                   .changed = [this] { dataplane_changed(); }}),
      steer_again_(loop,
                   [this] {
                       steer();
                       keep_kernel_addresses();
                   }),
      kernel_addresses_({.add =
                             [this](const net::ManagedAddress& own) {
                                 return net::add_managed_address(kernel_, own);
                             },
                         .remove =
                             [this](const net::ManagedAddress& own) {
                                 return net::remove_managed_address(kernel_, own);
                             },
                         .keep =
                             [this](const net::ManagedAddress& own, std::uint32_t valid_s) {
                                 return net::set_managed_address_lifetime(kernel_, own, valid_s);
                             }}),
      put_back_(loop, [this] { look_again(); }),
      keep_again_(loop, [this] { look_again(); }),
      groups_(
          loop, [this] { return view_for_groups(); }, [this] { keep_kernel_addresses(); }) {
    use(std::move(loaded));
    steer_again_.fire_every(kSteerAgain_ms);
}

Result<void> Gateway::start() {
    if (Result<void> made = make_directory(options_.run_directory); !made)
        return made;
    // Tables that do not fit are a fault of the configuration, to be told now.
    if (Result<table::Build> trial = build(config_); !trial)
        return trial.error();
    Result<api::Server> server = api::Server::listen(
        loop_, abi::control_socket_path(options_.run_directory),
        api::make_handler({
            .state = [this] { return state(); },
            .check = [](const std::string& path) { return config::load(path).diagnostics; },
            .apply = [this] { return reload(); },
            .hand_over = [this](const std::string& name) { return groups_.hand_over(name); },
            .set_priority =
                [this](const std::string& name, std::optional<std::uint8_t> priority) {
                    return groups_.set_priority(name, priority);
                },
            .set_enabled = [this](const std::string& name,
                                  bool enabled) { return groups_.set_enabled(name, enabled); },
        }));
    if (!server)
        return server.error();
    server_.emplace(std::move(*server));
    return link_.listen(options_.run_directory);
}

std::vector<config::Diagnostic> Gateway::reload() {
    config::LoadOutcome loaded = load(options_);
    std::vector<config::Diagnostic> diagnostics = loaded.diagnostics;
    if (loaded.config) {
        if (Result<table::Build> trial = build(*loaded.config); !trial) {
            diagnostics.push_back({.where = {}, .message = trial.error().message});
        } else {
            use(std::move(loaded));
            refresh();
            spdlog::info("configuration {} applied", options_.config_path);
        }
    }
    if (std::any_of(diagnostics.begin(), diagnostics.end(), is_error))
        spdlog::error("configuration {} has errors; nothing is changed", options_.config_path);
    for (const config::Diagnostic& diagnostic : diagnostics) {
        spdlog::log(is_error(diagnostic) ? spdlog::level::err : spdlog::level::warn, "{}",
                    config::to_string(diagnostic, options_.config_path));
    }
    return diagnostics;
}

void Gateway::use(config::LoadOutcome loaded) {
    config_ = std::move(*loaded.config);
    warnings_.clear();
    for (const config::Diagnostic& diagnostic : loaded.diagnostics)
        warnings_.push_back(config::to_string(diagnostic, options_.config_path));
    next_hops_.configure(config_);
    if (publisher_)
        publisher_->write_boot_parameters(table::boot_parameters(config_));
    groups_.configure(config_);
}

Result<int> Gateway::give_region(abi::Fd handed_back) {
    const bool has_readers = static_cast<bool>(handed_back);
    if (!publisher_ && handed_back)
        take_region(std::move(handed_back));
    if (!publisher_) {
        Result<table::Publisher> made = table::Publisher::create(table::boot_parameters(config_));
        if (!made)
            return made.error();
        publisher_.emplace(std::move(*made));
        spdlog::info("made region {:016x}", publisher_->region().region_id());
    }
    if (!has_readers || publisher_->generation() == 0)
        refresh();
    return publisher_->region().fd();
}

void Gateway::take_region(abi::Fd handed_back) {
    Result<table::Publisher> adopted = table::Publisher::adopt(std::move(handed_back));
    if (!adopted) {
        spdlog::error(
            "the region that the dataplane handed back does not hold ({}); making another",
            adopted.error().message);
        return;
    }
    publisher_.emplace(std::move(*adopted));
    publisher_->write_boot_parameters(table::boot_parameters(config_));
    publish_pending_ = true;  // what may have changed meanwhile
    spdlog::info("adopted region {:016x} at generation {}", publisher_->region().region_id(),
                 publisher_->generation());
}

abi::BootParameters Gateway::running_boot() const {
    const abi::BootParameters configured = table::boot_parameters(config_);
    if (!publisher_ || !link_.state().ready)
        return configured;
    const abi::BootParameters running = publisher_->region().status().booted;
    return abi::validate(running) ? running : configured;
}

Result<table::Build> Gateway::build(const config::Config& config) const {
    const net::Facts facts =
        table::arrange(next_hops_.facts(), table::boot_parameters(config_), running_boot());
    return table::build(config, facts, publisher_ ? publisher_->in_force() : nothing_before(),
                        publisher_ ? publisher_->counters() : no_counters(), boottime_s());
}

bool Gateway::readers_caught_up() const {
    return !link_.state().connected || (link_.state().ready && publisher_->all_acknowledged());
}

// A dataplane that refused the generation in force will not catch up with it: it gets the next.
bool Gateway::must_wait() const {
    return publisher_->generation() != 0 && !readers_caught_up() &&
           link_.state().rejected_generation != publisher_->generation();
}

void Gateway::refresh() {
    if (!publisher_)
        return;
    // Facts that are not complete yet would take what is in force away from the backends.
    if (!next_hops_.settled()) {
        publish_pending_ = true;
        return;
    }
    Result<table::Build> next = build(config_);
    if (!next) {
        spdlog::error("tables: {}", next.error().message);
        return;
    }
    const bool unchanged =
        publisher_->generation() != 0 && table::same(next->tables, publisher_->in_force());
    publish_pending_ = !unchanged && must_wait();
    if (unchanged || publish_pending_)
        return;
    if (Result<void> done = publisher_->publish(std::move(*next), readers_caught_up()); !done) {
        spdlog::error("publish: {}", done.error().message);
        publish_pending_ = true;
        return;
    }
    spdlog::info("published generation {}", publisher_->generation());
    link_.announce(publisher_->generation());
}

void Gateway::dataplane_changed() {
    if (publish_pending_)
        refresh();
    steer();
    groups_.follow();
}

Groups::View Gateway::view_for_groups() {
    return {
        .leases = publisher_ ? &publisher_->leases() : nullptr,
        .status = publisher_ ? &publisher_->region().status() : nullptr,
        .in_force = publisher_ ? &publisher_->in_force() : nullptr,
        .dataplane_works = dataplane_works(),
        .next_hops_known = next_hops_known(),
        .ports = next_hops_.facts().ports,
        .link = [this](std::size_t port) { return link(port); },
        .interface_name = [this](std::size_t port) { return next_hops_.interface_name(port); },
    };
}

void Gateway::keep_kernel_addresses() {
    std::vector<LocalVips> vips = groups_.local_vips();
    for (LocalVips& group : vips) {
        if (!group.owned && monotonic_ns() - started_at_ns_ > kAdoption_ns)
            group.owned = false;
        // The kernel would get to answer for it, should both processes die now.
        const auto is_local = [this](const IpAddress& vip) { return steering_.is_local(vip); };
        if (group.owned.value_or(false) && !std::ranges::all_of(group.vips, is_local))
            group.owned.reset();
    }
    if (kept_vips_ == vips)
        return;
    if (const auto again_ms = kernel_addresses_.follow(vips, next_hops_.managed_addresses()))
        keep_again_.fire_after(*again_ms);
    kept_vips_ = std::move(vips);
}

void Gateway::look_again() {
    kept_vips_.reset();
    groups_.follow();  // which ends in keep_kernel_addresses()
}

void Gateway::stop() {
    kernel_addresses_.leave(groups_.local_vips());
}

bool Gateway::workers_work() {
    return publisher_ && link_.state().connected &&
           workers_watch_.all_work(publisher_->region().status(), link_.state().pid,
                                   monotonic_ns());
}

bool Gateway::dataplane_works() {
    if (!workers_work())
        return false;
    if (!steering_.in_step())
        steer();
    return steering_.in_step();
}

bool Gateway::next_hops_known() {
    const auto is_known = [](const abi::BackendEntry& backend) {
        return backend.resolved != 0 ||
               backend.state == static_cast<std::uint8_t>(abi::BackendState::kRetired);
    };
    next_hops_known_ |=
        monotonic_ns() - started_at_ns_ > kResolving_ns ||
        (publisher_ && publisher_->generation() != 0 && publisher_->all_acknowledged() &&
         std::ranges::all_of(publisher_->in_force().backends, is_known));
    return next_hops_known_;
}

// As the kernel says, or else the dataplane of a device that it has to itself.
Verdict Gateway::link(std::size_t port) const {
    if (const std::optional<bool> up = next_hops_.link_up(port)) {
        if (!*up && !next_hops_.settled())
            return Verdict::kUnknown;  // the kernel may not have told yet
        return *up ? Verdict::kGood : Verdict::kBad;
    }
    if (!publisher_)
        return Verdict::kUnknown;
    const abi::DataplaneStatus& status = publisher_->region().status();
    const auto running = abi::ports_of(status.booted);
    const auto found = std::ranges::find_if(
        running, [&](const abi::PortBoot& one) { return config_.ports[port].name == one.name; });
    if (found == running.end())
        return Verdict::kUnknown;
    const auto state = status.ports[found - running.begin()].state.load();
    return state == static_cast<std::uint64_t>(abi::PortState::kDown) ? Verdict::kBad
                                                                      : Verdict::kGood;
}

std::vector<SteeredPort> Gateway::steered_ports() const {
    const auto running = abi::ports_of(publisher_->region().status().booted);
    std::vector<SteeredPort> ports;
    for (const config::Port& port : config_.ports) {
        const bool runs = std::ranges::any_of(running, [&](const abi::PortBoot& one) {
            return port.device == one.device &&
                   one.driver == static_cast<std::uint32_t>(port.driver);
        });
        if (runs && port.driver == abi::Driver::kAfXdp)
            ports.push_back({port.name, port.device, {port.vlan, port.outer_vlan}});
    }
    return ports;
}

// Packets are steered to a dataplane only when it knows what to do with them.
void Gateway::steer() {
    if (!link_.state().connected)
        return steering_.reset();
    if (!workers_work() || !publisher_->all_acknowledged())
        return;
    const table::Tables& tables = publisher_->in_force();
    steering_.follow(steered_ports(), net::steering_rules(tables.vips, tables.services));
}

api::State Gateway::state() const {
    return {
        .config = config_,
        .config_path = options_.config_path,
        .warnings = warnings_,
        .publisher = publisher_ ? &*publisher_ : nullptr,
        .describe_hop =
            [this](const IpAddress& address) {
                const net::HopDescription found = next_hops_.describe(address);
                return api::HopDescription{found.hop, found.state};
            },
        .dataplane = describe_dataplane(),
        .groups = describe_groups(),
        .uptime_s =
            static_cast<std::uint64_t>((monotonic_ns() - started_at_ns_) / kNanosecondsPerS),
        .now_ns = static_cast<std::uint64_t>(monotonic_ns()),
        .now_s = boottime_s(),
    };
}

std::vector<api::GroupDescription> Gateway::describe_groups() const {
    std::vector<api::GroupDescription> groups = groups_.describe();
    for (api::GroupDescription& group : groups) {
        const auto configured = std::ranges::find(config_.groups, group.name, &config::Group::name);
        if (configured != config_.groups.end() && configured->kernel_address)
            group.kernel_address = kernel_addresses_.describe(group.name);
    }
    return groups;
}

api::DataplaneLink Gateway::describe_dataplane() const {
    const DataplaneLink::State& link = link_.state();
    api::DataplaneLink described{
        .connected = link.connected,
        .ready = link.ready,
        .pid = link.pid,
        .acknowledged_generation = link.acknowledged_generation,
        .publish_pending = publish_pending_,
        .boot_differs = running_boot().checksum != table::boot_parameters(config_).checksum,
    };
    if (link.rejected_generation != 0)
        described.rejected = {link.rejected_generation, link.rejected_why};
    return described;
}

}  // namespace vipfwd::gateway
