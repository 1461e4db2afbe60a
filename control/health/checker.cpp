// SPDX-License-Identifier: Apache-2.0
#include "control/health/checker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "control/health/failure.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

using Kind = ProbeResult::Kind;

std::string with_hold(const Checker::Check& check, const std::string& reason) {
    const std::int64_t hold_s = check.damper.hold_s(monotonic_ns());
    return hold_s == 0 ? reason
                       : reason + "; held down: flapping, for " + std::to_string(hold_s) + " s";
}

bool is_host_unreachable(const Standing& standing) {
    return standing.failure != nullptr && standing.failure->is_host_unreachable;
}

void add_backends(std::vector<std::uint32_t>& to, const Checker::Check& check) {
    to.insert(to.end(), check.backends.begin(), check.backends.end());
}

// New checks make their first attempts one after the other, so that thousands do not start at once.
constexpr std::int64_t kFirstAttemptEvery_ns = 100'000;
// The MTU of a path changes rarely. An operator who raises it wants to see soon that the alarm
// ends.
constexpr std::int64_t kPathEvery_ns = 60 * kNanosecondsPerS;
constexpr std::int64_t kNarrowPathEvery_ns = 10 * kNanosecondsPerS;
// Attempts that are due within so short a time begin together.
constexpr std::int64_t kTimerSlack_ns = 1'000'000;

}  // namespace

// A failed check counts more than what the agent says.
Standing Checker::Check::standing() const {
    Standing standing{.verdict = results.verdict(), .failure = failure};
    if (path != nullptr)
        standing.path_mtu = path->mtu;
    if (agent == nullptr)
        return standing;
    standing.agent = agent->answer;
    if (standing.verdict != Verdict::kGood)
        return standing;
    if (!agent->was_asked)
        standing.verdict = Verdict::kUnknown;
    if (agent->failure != nullptr) {
        standing.verdict = Verdict::kBad;
        standing.failure = agent->failure;
    }
    return standing;
}

std::int64_t Checker::Check::since_ms() const {
    return std::max(record.since_ms(), agent != nullptr ? agent->said_down_ms : 0);
}

Checker::Checker(Loop& loop, Start start, std::size_t most_probes, std::function<void()> on_change)
    : start_(std::move(start)),
      most_probes_(most_probes),
      on_change_(std::move(on_change)),
      due_(loop, [this] { start_due(); }) {}

Checker::~Checker() = default;

void Checker::configure(std::shared_ptr<const config::Config> config, const Recall& recall) {
    for (auto& [target, check] : checks_)
        check->backends.clear();
    const auto numbers = std::make_shared<const BackendNumbers>(*config);
    const std::vector<Standing> known = recall(*config);
    const std::vector<std::optional<Tunnel>> tunnels = tunnels_of_pools(*config);
    std::vector<const Check*> turned;
    for (std::size_t p = 0; p < config->pools.size(); ++p) {
        const config::Pool& pool = config->pools[p];
        if (pool.check.type == config::CheckType::kNone)
            continue;
        for (std::size_t b = 0; b < pool.backends.size(); ++b) {
            const std::uint32_t number = numbers->of(p, b);
            Check& check = find_or_add(target_of(pool, pool.backends[b], tunnels[p]));
            if (resume_from(check, known.at(number)))
                turned.push_back(&check);
            check.backends.push_back(number);
        }
    }
    remove_unused();
    retain_notes();
    standings_ = {std::move(config), numbers, std::vector<Standing>(numbers->count())};
    for (const auto& [target, check] : checks_)
        update_standings(*check);
    for (const Check* const check : turned)
        add_backends(standings_.changed, *check);
    arm();
}

Checker::Check& Checker::find_or_add(const Target& target) {
    const auto [at, is_new] = checks_.try_emplace(target);
    if (is_new) {
        at->second = std::make_unique<Check>(at->first);
        Check& check = *at->second;
        if (check.path != nullptr)
            schedule(check, *check.path, first_attempt_ns());
        schedule_first(check, check);
        if (check.agent != nullptr)
            schedule_first(check, *check.agent);
    }
    return *at->second;
}

// `attempts` are those of the check itself, or those to ask its agent.
void Checker::schedule_first(Check& check, Attempts& attempts) {
    schedule(check, attempts, first_attempt_ns());
    ++unknown_;
}

std::int64_t Checker::first_attempt_ns() const {
    return monotonic_ns() + static_cast<std::int64_t>(unknown_) * kFirstAttemptEvery_ns;
}

// For the first time, or another time than before.
void Checker::schedule(Check& check, Attempts& attempts, std::int64_t due_ns) {
    by_id_.erase(attempts.id);
    attempts.id = next_id_++;
    by_id_.emplace(attempts.id, &check);
    schedule_.add(attempts.id, due_ns);
}

void Checker::remove_unused() {
    std::erase_if(checks_, [this](const auto& entry) {
        const Check& check = *entry.second;
        if (!check.backends.empty())
            return false;
        forget(check);
        unknown_ -= check.results.verdict() == Verdict::kUnknown ? 1 : 0;
        if (check.agent != nullptr) {
            forget(*check.agent);
            unknown_ -= check.agent->was_asked ? 0 : 1;
        }
        if (check.path != nullptr)
            forget(*check.path);
        return true;
    });
}

void Checker::forget(const Attempts& attempts) {
    running_ -= attempts.probe != nullptr ? 1 : 0;
    by_id_.erase(attempts.id);
}

void Checker::start_due() {
    while (running_ < most_probes_) {
        const std::optional<Schedule::Id> id = schedule_.take_due(monotonic_ns());
        if (!id)
            break;
        const auto at = by_id_.find(*id);
        if (at == by_id_.end())
            continue;
        Check& check = *at->second;
        if (check.id == *id)
            begin(check);
        else if (check.path != nullptr && check.path->id == *id)
            measure_path(check);
        else
            ask_agent(check);
    }
    arm();
}

void Checker::arm() {
    const std::optional<std::int64_t> next_ns = schedule_.next_due_ns();
    if (!next_ns || running_ >= most_probes_)
        due_.cancel();
    else
        due_.fire_at(std::max(*next_ns, monotonic_ns() + kTimerSlack_ns));
}

void Checker::start(Attempts& attempts, const Target& target, Attempt attempt, OnProbed on_probed) {
    attempts.started_ns = monotonic_ns();
    ++running_;
    attempts.probe = start_(target, std::move(on_probed), attempt);
}

void Checker::note(const Attempts& attempts, CheckRecord& record, const ProbeResult& result) {
    const std::int64_t took_ns = monotonic_ns() - attempts.started_ns;
    record.add(result, unix_ms(), static_cast<std::uint32_t>(took_ns / 1000));
}

// Destroys the probe that has given its result. The next attempt starts `delay_ns` after the start
// of this one.
void Checker::end(Attempts& attempts, std::int64_t delay_ns, bool has_changed) {
    const bool was_at_limit = running_-- == most_probes_;
    schedule_.add(attempts.id, std::max(attempts.started_ns + delay_ns, monotonic_ns()));
    attempts.probe = nullptr;
    if (has_changed)
        on_change_();
    if (was_at_limit)
        start_due();
    else
        arm();
}

void Checker::begin(Check& check) {
    check.attempt = monotonic_ns() < check.whole_due_ns ? Attempt::kConnect : Attempt::kWhole;
    start(check, check.target, check.attempt,
          [this, &check](const ProbeResult& result) { finish(check, result); });
}

void Checker::ask_agent(Check& check) {
    start(*check.agent, check.agent->target, Attempt::kAgent,
          [this, &check](const ProbeResult& result) { finish_agent(check, result); });
}

// After a failure, nothing less than a whole attempt shows that the service works again.
void Checker::plan_whole_attempt(Check& check, const ProbeResult& result) {
    const config::Check& options = check.target.check;
    if (options.type != config::CheckType::kAmqp || result.kind == Kind::kNone)
        return;
    if (!result.is_good())
        check.whole_due_ns = 0;
    else if (check.attempt == Attempt::kWhole)
        check.whole_due_ns = check.started_ns + options.handshake_interval_ms * kNanosecondsPerMs;
}

// A result of kNone is followed by the next attempt as if it had confirmed the verdict: there is no
// use in trying more often what this machine has no means for.
void Checker::finish(Check& check, const ProbeResult& result) {
    note(check, check.record, result);
    plan_whole_attempt(check, result);
    const bool has_changed = judge(check, result);
    const bool is_contrary = result.kind != Kind::kNone && !is_ignored(check, result.is_good()) &&
                             result.is_good() != (check.results.verdict() == Verdict::kGood);
    const std::int64_t delay_ns =
        next_delay_ns(check.target.check, is_contrary, static_cast<std::uint32_t>(random_()));
    end(check, delay_ns, has_changed);
}

void Checker::finish_agent(Check& check, const ProbeResult& result) {
    note(*check.agent, check.agent->record, result);
    const bool has_changed = hear_agent(check, result);
    const std::int64_t delay_ns =
        next_delay_ns(check.target.check, false, static_cast<std::uint32_t>(random_()));
    end(*check.agent, delay_ns, has_changed);
}

// Returns whether that changes a standing.
bool Checker::hear_agent(Check& check, const ProbeResult& result) {
    Agent& agent = *check.agent;
    const Standing before = check.standing();
    unknown_ -= agent.was_asked ? 0 : 1;
    agent.was_asked = true;
    if (result.agent) {
        const bool is_down = result.agent->state == AgentState::kDown;
        if (is_down != (agent.failure != nullptr))
            agent.said_down_ms = agent.record.last_at_ms();
        agent.answer = std::make_shared<const AgentAnswer>(*result.agent);
        agent.failure =
            is_down ? std::make_shared<const Failure>(Failure{
                          .reason = "agent: " + agent.answer->line, .since_ms = agent.said_down_ms})
                    : nullptr;
    }
    const bool answer_differs =
        result.agent && !result.agent->agrees_with(before.agent ? *before.agent : AgentAnswer());
    if (answer_differs)
        add_backends(standings_.agents_changed, check);
    return tell_difference(check, before) || answer_differs;
}

// Nothing gets to a backend that is down: its path is measured when it is up again.
void Checker::measure_path(Check& check) {
    if (check.results.verdict() == Verdict::kBad)
        schedule_.add(check.path->id, monotonic_ns() + kPathEvery_ns);
    else
        start(*check.path, check.target, Attempt::kPathMtu,
              [this, &check](const ProbeResult& result) { finish_path(check, result); });
}

void Checker::measure_path_again(Check& check) {
    if (check.path != nullptr && check.path->probe == nullptr)
        schedule(check, *check.path, monotonic_ns());
}

// Without an answer, what was known before counts.
void Checker::finish_path(Check& check, const ProbeResult& result) {
    Path& path = *check.path;
    bool has_changed = false;
    if (result.path_mtu) {
        const std::uint32_t overhead = tunnel_overhead(check.target);
        const PathMtu now = {.wanted = result.path_mtu->wanted + overhead,
                             .found = result.path_mtu->found + overhead};
        const PathMtu before = path.mtu != nullptr ? *path.mtu : PathMtu();
        has_changed = now != before && (now.is_too_small() || before.is_too_small());
        path.mtu = std::make_shared<const PathMtu>(now);
        update_standings(check);
    }
    if (has_changed)
        add_backends(standings_.paths_changed, check);
    const bool repeats_soon =
        result.kind == Kind::kNone || (path.mtu != nullptr && path.mtu->is_too_small());
    end(path, repeats_soon ? kNarrowPathEvery_ns : kPathEvery_ns, has_changed);
}

bool Checker::is_ignored(const Check& check, bool is_good) {
    return is_good && check.results.verdict() == Verdict::kBad &&
           check.damper.is_holding(monotonic_ns());
}

// Returns whether that changes a standing.
bool Checker::judge(Check& check, const ProbeResult& result) {
    if (result.kind == Kind::kNone)
        return false;
    const Standing standing_before = check.standing();
    const Verdict before = check.results.verdict();
    add_result(check, result.is_good());
    remember_early(check, result.is_good());
    keep_note(check);
    const Verdict verdict = check.results.verdict();
    unknown_ -= before == Verdict::kUnknown ? 1 : 0;
    const bool is_unreachable = result.kind == Kind::kUnreachable;
    const bool has_vanished = verdict == Verdict::kBad && is_unreachable &&
                              check.failure != nullptr && !check.failure->is_host_unreachable;
    if (verdict == before && !has_vanished)
        return false;
    if (verdict != before) {
        check.record.note_verdict_change();
        if (before == Verdict::kBad)
            measure_path_again(check);
    }
    check.failure =
        verdict == Verdict::kBad
            ? std::make_shared<const Failure>(
                  Failure{with_hold(check, result.reason), is_unreachable, check.record.since_ms()})
            : nullptr;
    return tell_difference(check, standing_before);
}

// Returns whether the backends' standing differs from what it was `before`.
bool Checker::tell_difference(const Check& check, const Standing& before) {
    update_standings(check);
    const Standing now = check.standing();
    if (now.verdict == before.verdict && is_host_unreachable(now) == is_host_unreachable(before))
        return false;
    add_backends(standings_.changed, check);
    return true;
}

void Checker::update_standings(const Check& check) {
    for (const std::uint32_t number : check.backends)
        standings_.backends[number] = check.standing();
}

}  // namespace vipfwd::health
