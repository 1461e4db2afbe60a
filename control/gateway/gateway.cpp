// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/gateway.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "control/api/dispatch.h"
#include "control/gateway/reload_report.h"
#include "control/plan/changes.h"
#include "control/plan/defer.h"
#include "control/table/boot_parameters.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kPulse_ms = 50;
constexpr std::int64_t kSecond_ms = 1000;

}  // namespace

config::LoadOutcome load(const Options& options) {
    // A replay runs no scripts, and touches no interface: any user's file will do.
    const auto writers = options.replay ? config::Writers::kAny : config::Writers::kTrusted;
    config::LoadOutcome loaded = config::load(options.config_path, writers);
    if (loaded.config && options.replay) {
        loaded.config = config::for_replay(std::move(*loaded.config), options.replay->input,
                                           options.replay->output);
    }
    return loaded;
}

Gateway::Gateway(Loop& loop, Options options, config::LoadOutcome loaded)
    : options_(std::move(options)),
      events_(options_.run_directory + "/events.jsonl"),
      started_at_ns_(monotonic_ns()),
      network_(
          loop, [this] { on_network_change(); }, [this] { kernel_addresses_.on_kernel_change(); }),
      link_(loop, {.hello = [this](abi::Fd fd) { return on_dataplane_hello(std::move(fd)); },
                   .stopping = [this] { on_dataplane_stopping(); },
                   .changed = [this] { on_dataplane_changed(); },
                   .record = [this](events::Event event) { events_.record(std::move(event)); }}),
      choice_file_(options_.state_directory),
      kernel_addresses_(loop,
                        {.add =
                             [this](const net::ManagedAddress& managed) {
                                 return net::add_managed_address(kernel_, managed);
                             },
                         .remove =
                             [this](const net::ManagedAddress& managed) {
                                 return net::remove_managed_address(kernel_, managed);
                             },
                         .set_lifetime =
                             [this](const net::ManagedAddress& managed, std::uint32_t valid_s) {
                                 return net::set_managed_address_lifetime(kernel_, managed,
                                                                          valid_s);
                             }},
                        started_at_ns_, [this] { update(); }),
      groups_(loop, {.election_due = [this] { on_election_due(); },
                     .track_changed = [this] { update(); },
                     .leases_changed = [this] { link_.wake_advert_worker(); },
                     .record = [this](events::Event event) { events_.record(std::move(event)); }}),
      peer_link_(
          VIPFWD_VERSION,
          [this](const health::AdminChange& change, const IpAddress& by,
                 const group::PeerCommands::Answer& answer) { execute(change, by, answer); }),
      pulse_(loop, [this] { on_pulse(); }),
      second_timer_(loop, [this] { on_second(); }),
      step_timer_(loop, [this] { take_step(); }),
      loop_(loop),
      flow_counter_(loop, publishing_, [this] { return link_.state().ready; }),
      checks_(loop,
              [this](std::shared_ptr<const health::Standings> standings) {
                  on_standings(std::move(standings));
              }),
      check_way_([this](std::shared_ptr<const health::TunnelNetwork> network) {
          checks_.use(std::move(network));
      }),
      tables_(loop, publishing_,
              {.inputs = [this] { return publish_inputs(); },
               .published =
                   [this](std::uint64_t generation, std::int64_t requested_ns) {
                       on_published(generation, requested_ns);
                   }}),
      reloads_(loop,
               {.load = [options = options_] { return load(options); },
                .base = [this] { return reload_base(); },
                .count =
                    [this](const std::vector<std::uint32_t>& keys, FlowCounter::Answer answer) {
                        flow_counter_.count(keys, std::move(answer));
                    },
                .finish =
                    [this](PlannedReload planned, plan::Mode mode, const Reloads::Answer& answer) {
                        finish_reload(std::move(planned), mode, answer);
                    }}),
      answers_(loop, "answers") {
    choices_ = std::make_shared<const health::AdminChoices>(choice_file_.load());
    const auto config = std::make_shared<const config::Config>(std::move(*loaded.config));
    apply(config, loaded.diagnostics, config);
    second_timer_.fire_every(kSecond_ms);
}

Result<void> Gateway::start() {
    // Tables that exceed a limit are an error of the configuration: report it now.
    Result<table::Build> trial = publishing_.trial_base().build(*config_);
    if (!trial)
        return trial.error();
    publishing_.use_rings(std::make_shared<const table::Build>(std::move(*trial)));
    Result<api::Server> server =
        api::Server::listen(loop_, answers_, abi::control_socket_path(options_.run_directory),
                            options_.socket_group, make_api_handler());
    if (!server)
        return server.error();
    server_.emplace(std::move(*server));
    return link_.listen(options_.run_directory);
}

// Other groups of a sync_set are affected by a command, too: update() follows.
api::Handler Gateway::make_api_handler() {
    const auto updated = [this](Result<void> done) {
        update();
        return done;
    };
    return api::make_handler({
        .source = [this] { return view(); },
        .snapshot = [this] { return snapshot(); },
        .run_beside =
            [this](std::function<void()> work, std::function<void()> done) {
                answers_.run(Background::Priority::kYielding, std::move(work), std::move(done));
            },
        .run_in_turn_with_reloads =
            [this](std::function<void()> work, std::function<void()> done) {
                reloads_.run(std::move(work), std::move(done));
            },
        .apply = [this](plan::Mode mode,
                        Reloads::Answer answer) { reload(mode, std::move(answer)); },
        .hand_over =
            [this, updated](const std::string& name) { return updated(groups_.hand_over(name)); },
        .set_priority =
            [this, updated](const std::string& name, std::optional<std::uint8_t> priority) {
                return updated(groups_.set_priority(name, priority));
            },
        .set_enabled = [this, updated](
                           const std::string& name,
                           bool enabled) { return updated(groups_.set_enabled(name, enabled)); },
        .change_backend =
            [this](const health::AdminChange& change, bool on_all_gateways,
                   const ChangeAnswer& answer) { change_backend(change, on_all_gateways, answer); },
    });
}

void Gateway::reload(plan::Mode mode, Reloads::Answer answer) {
    reloads_.request(mode, std::move(answer));
}

ReloadBase Gateway::reload_base() const {
    return {.wanted = wanted_,
            .in_force = config_,
            .dataplane_runs = link_.state().connected,
            .tables = publishing_.trial_base()};
}

void Gateway::finish_reload(PlannedReload planned, plan::Mode mode, const Reloads::Answer& answer) {
    plan::Outcome& outcome = planned.outcome;
    if (planned.wanted && !mode.dry_run && (mode.force || outcome.plan.losses.empty())) {
        publishing_.use_rings(planned.trial);
        apply(planned.wanted, outcome.diagnostics, planned.in_force);
        outcome.applied = true;
    }
    if (!mode.dry_run) {
        reload_errors_ = outcome.applied ? std::vector<std::string>()
                                         : reasons_against(outcome, options_.config_path);
        log_reload(outcome, options_.config_path);
        events_.record(event_of(outcome, options_.config_path));
    }
    if (outcome.applied)
        tables_.request([answer, outcome] { answer(outcome); });
    else
        answer(outcome);
}

// `wanted` is what the file says, and `in_force` what of it can be put in force now.
void Gateway::apply(ConfigPtr wanted, const std::vector<config::Diagnostic>& diagnostics,
                    ConfigPtr in_force) {
    wanted_ = std::move(wanted);
    warnings_.clear();
    for (const config::Diagnostic& diagnostic : diagnostics)
        warnings_.push_back(config::to_string(diagnostic, options_.config_path));
    publishing_.store_boot_parameters(*wanted_);
    put_in_force(std::move(in_force));
    update();
}

// Everything that depends on the configuration changes here, together; update() must follow. Groups
// come before the tables, which are published later: a VIP that leaves its group is given up first.
void Gateway::put_in_force(ConfigPtr config) {
    const ConfigPtr before = std::exchange(config_, std::move(config));
    waiting_ = plan::describe_waiting(*wanted_, *config_);
    network_.configure(*config_);
    groups_.configure(*config_);
    carry_choices(before.get());
    check_way_.update(*config_, network_);
    check_backends();
    if (groups_.empty())
        pulse_.cancel();
    else
        pulse_.fire_every(kPulse_ms);
}

void Gateway::stop() {
    check_way_.stop();
    kernel_addresses_.leave(groups_.local_vips());
}

PublishInputs Gateway::publish_inputs() {
    const DataplaneLink::State& link = link_.state();
    net::Facts facts = network_.facts();
    facts.left_to_rivals = left_to_rivals_;
    return {.config = config_,
            .facts = std::move(facts),
            .standings = standings_,
            .choices = choices_,
            .followed_writers = followed_writers_,
            .facts_are_complete = network_.settled(),
            .dataplane_is_connected = link.connected,
            .dataplane_is_ready = link.ready,
            .rejected_generation = link.rejected_generation};
}

// A dataplane without a region starts, with all that was waiting for that. It has nothing to
// forward by, so it gets tables at once. One that hands its region back keeps forwarding by the
// tables in it; a control that has just started continues from what that dataplane was started
// with. update() waits until the dataplane is ready: before that, groups would resign.
Result<int> Gateway::on_dataplane_hello(abi::Fd handed_back) {
    const bool has_region = static_cast<bool>(handed_back);
    const bool is_first_region = publishing_.publisher() == nullptr;
    if (!has_region && !waiting_.empty())
        put_in_force(wanted_);
    Result<int> region = publishing_.provide_region(std::move(handed_back), *wanted_);
    if (region && is_first_region) {
        const bool is_adopted = publishing_.publisher()->generation() != 0;
        use_check_notes(is_adopted);
        if (has_region) {
            recover_configuration();
            recover_backends();
        }
    }
    if (region && (!has_region || publishing_.publisher()->generation() == 0 ||
                   publishing_.publisher()->must_publish()))
        tables_.request();
    return region;
}

void Gateway::recover_configuration() {
    const abi::BootParameters running = publishing_.status()->booted;
    if (abi::validate(running) && running.checksum != table::boot_parameters(*wanted_).checksum)
        put_in_force(std::make_shared<const config::Config>(
            plan::defer(*wanted_, plan::recover(*wanted_, running))));
}

void Gateway::on_dataplane_stopping() {
    groups_.on_dataplane_stopping();
    sync_kernel_addresses();
}

void Gateway::on_dataplane_changed() {
    // It may have read what was stored after its hello.
    const bool may_go_on = !waiting_.empty() && link_.state().ready && !boot_differs();
    if (may_go_on)
        put_in_force(wanted_);
    if (may_go_on || publishing_.pending())
        tables_.request();
    sync_steering(observe_workers());
    update();
}

// Others may have changed the steering programs.
void Gateway::on_second() {
    record_early_events();
    poll_history_.sample(publishing_.status());
    loss_history_.sample(publishing_.status());
    const bool is_damaged = publishing_.watch_region(link_.state().rejected_generation);
    move_flows_of_overdue();
    check_way_.update(*config_, network_);
    const bool can_free_indices = run_census();
    if (is_damaged || can_free_indices)
        tables_.request();
    sync_steering(observe_workers());
    sync_kernel_addresses();
    observe_conflicts();
    update_peers();
}

void Gateway::update_peers() {
    for (events::Event& event : peer_link_.update(
             *config_, groups_.status(),
             [this](std::size_t port) { return network_.interface_name(port); },
             publishing_.publisher()))
        events_.record(std::move(event));
    if (peer_link_.followed_writers() == *followed_writers_)
        return;
    followed_writers_ = std::make_shared<const table::PoolWriters>(peer_link_.followed_writers());
    tables_.request_urgently();
}

// Renews leases and observes the workers.
void Gateway::on_pulse() {
    update();
    if (peer_link_.is_update_due())
        update_peers();
}

void Gateway::update() {
    const group::GatewayInputs inputs = group_inputs(observe_readiness());
    record_port_events(inputs);
    groups_.update(inputs);
    sync_rivals();
    sync_kernel_addresses();
}

bool Gateway::observe_workers() {
    const abi::DataplaneStatus* status = publishing_.status();
    return status != nullptr && link_.state().connected &&
           worker_monitor_.observe(*status, link_.state().pid, monotonic_ns());
}

// Packets are steered to the dataplane only once all its workers have the tables in force.
void Gateway::sync_steering(bool workers_run) {
    if (!link_.state().connected)
        return steering_.reset();
    if (!workers_run || !publishing_.publisher()->all_acknowledged())
        return;
    const table::Tables& tables = publishing_.publisher()->in_force();
    steering_.sync(steered_ports(*config_, *publishing_.status()),
                   net::steering_rules(tables.vips, tables.services));
}

// The AF_XDP ports that were opened since the last sync.
std::vector<SteeredPort> Gateway::find_unsteered() const {
    if (publishing_.status() == nullptr)
        return {};
    std::vector<SteeredPort> ports = steered_ports(*config_, *publishing_.status());
    std::erase_if(ports, [this](const SteeredPort& port) { return steering_.covers(port); });
    return ports;
}

Readiness Gateway::observe_readiness() {
    const bool workers_run = observe_workers();
    if (workers_run && (!steering_.in_sync() || !find_unsteered().empty()))
        sync_steering(workers_run);
    next_hops_resolved_ = next_hops_resolved_ ||
                          monotonic_ns() - started_at_ns_ > kNextHopTimeout_ns ||
                          all_next_hops_in_force(publishing_.publisher());
    return {.workers_run = workers_run,
            .steering_in_sync = steering_.in_sync(),
            .next_hops_resolved = next_hops_resolved_,
            .health_known = standings_ != nullptr};
}

}  // namespace vipfwd::gateway
