// SPDX-License-Identifier: Apache-2.0
#include "control/health/checker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

using Kind = ProbeResult::Kind;

void note_change(Checker::Check& check) {
    if (check.results.verdict() == Verdict::kGood)
        check.damper.on_up(monotonic_ns());
    else
        check.damper.on_down(monotonic_ns());
}

std::string with_hold(const Checker::Check& check, const std::string& reason) {
    const std::int64_t hold_s = check.damper.hold_s(monotonic_ns());
    return hold_s == 0 ? reason
                       : reason + "; held down: flapping, for " + std::to_string(hold_s) + " s";
}

// New checks make their first attempts one after the other, so that thousands do not start at once.
constexpr std::int64_t kFirstAttemptEvery_ns = 100'000;
// Attempts that are due within so short a time begin together.
constexpr std::int64_t kTimerSlack_ns = 1'000'000;

}  // namespace

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
    for (std::size_t p = 0; p < config->pools.size(); ++p) {
        const config::Pool& pool = config->pools[p];
        if (pool.check.type == config::CheckType::kNone)
            continue;
        for (std::size_t b = 0; b < pool.backends.size(); ++b) {
            const std::uint32_t number = numbers->of(p, b);
            Check& check = find_or_add(target_of(pool, pool.backends[b], tunnels[p]));
            resume_from(check, known.at(number));
            check.backends.push_back(number);
        }
    }
    remove_unused();
    standings_ = {std::move(config), numbers, std::vector<Standing>(numbers->count())};
    for (const auto& [target, check] : checks_)
        update_standings(*check);
    arm();
}

Checker::Check& Checker::find_or_add(const Target& target) {
    const auto [at, is_new] = checks_.try_emplace(target);
    if (is_new) {
        at->second = std::make_unique<Check>(at->first);
        at->second->id = next_id_++;
        by_id_.emplace(at->second->id, at->second.get());
        const auto position = static_cast<std::int64_t>(unknown_);
        schedule_.add(at->second->id, monotonic_ns() + position * kFirstAttemptEvery_ns);
        ++unknown_;
    }
    return *at->second;
}

// Control learns what was known before from the dataplane, some time after its own start. A first
// result that it had meanwhile must not count at once then.
void Checker::resume_from(Check& check, const Standing& known) {
    if (check.has_recalled || known.verdict == Verdict::kUnknown)
        return;
    check.has_recalled = true;
    const Verdict now = check.results.verdict();
    const config::Check& options = check.target.check;
    const std::uint64_t results = check.record.count_judged();
    if (now == known.verdict || results >= (now == Verdict::kGood ? options.rise : options.fall))
        return;
    unknown_ -= now == Verdict::kUnknown ? 1 : 0;
    check.results.resume(known.verdict, static_cast<std::uint32_t>(results));
    check.failure = known.failure;
}

void Checker::remove_unused() {
    std::erase_if(checks_, [this](const auto& entry) {
        const Check& check = *entry.second;
        if (!check.backends.empty())
            return false;
        running_ -= check.probe != nullptr ? 1 : 0;
        unknown_ -= check.results.verdict() == Verdict::kUnknown ? 1 : 0;
        by_id_.erase(check.id);
        return true;
    });
}

void Checker::start_due() {
    while (running_ < most_probes_) {
        const std::optional<Schedule::Id> id = schedule_.take_due(monotonic_ns());
        if (!id)
            break;
        if (const auto at = by_id_.find(*id); at != by_id_.end())
            begin(*at->second);
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

void Checker::begin(Check& check) {
    check.started_ns = monotonic_ns();
    check.depth = check.started_ns < check.whole_due_ns ? Depth::kConnect : Depth::kWhole;
    ++running_;
    check.probe = start_(
        check.target, [this, &check](const ProbeResult& result) { finish(check, result); },
        check.depth);
}

// After a failure, nothing less than a whole attempt shows that the service works again.
void Checker::plan_whole_attempt(Check& check, const ProbeResult& result) {
    const config::Check& options = check.target.check;
    if (options.type != config::CheckType::kAmqp || result.kind == Kind::kNone)
        return;
    if (!result.is_good())
        check.whole_due_ns = 0;
    else if (check.depth == Depth::kWhole)
        check.whole_due_ns = check.started_ns + options.handshake_interval_ms * kNanosecondsPerMs;
}

// A result of kNone is followed by the next attempt as if it had confirmed the verdict: there is no
// use in trying more often what this machine has no means for.
void Checker::finish(Check& check, const ProbeResult& result) {
    const std::int64_t now_ns = monotonic_ns();
    const bool was_at_limit = running_-- == most_probes_;
    check.record.add(result, unix_ms(),
                     static_cast<std::uint32_t>((now_ns - check.started_ns) / 1000));
    plan_whole_attempt(check, result);
    const bool has_changed = judge(check, result);
    const bool is_contrary = result.kind != Kind::kNone && !is_ignored(check, result) &&
                             result.is_good() != (check.results.verdict() == Verdict::kGood);
    const std::int64_t delay_ns =
        next_delay_ns(check.target.check, is_contrary, static_cast<std::uint32_t>(random_()));
    schedule_.add(check.id, std::max(check.started_ns + delay_ns, now_ns));
    check.probe = nullptr;
    if (has_changed)
        on_change_();
    if (was_at_limit)
        start_due();
    else
        arm();
}

bool Checker::is_ignored(const Check& check, const ProbeResult& result) {
    return result.is_good() && check.results.verdict() == Verdict::kBad &&
           check.damper.is_holding(monotonic_ns());
}

// Returns whether that changes a standing.
bool Checker::judge(Check& check, const ProbeResult& result) {
    if (result.kind == Kind::kNone)
        return false;
    const Verdict before = check.results.verdict();
    if (!is_ignored(check, result))
        check.results.add(result.is_good());
    const Verdict verdict = check.results.verdict();
    unknown_ -= before == Verdict::kUnknown ? 1 : 0;
    const bool is_unreachable = result.kind == Kind::kUnreachable;
    const bool has_vanished = verdict == Verdict::kBad && is_unreachable &&
                              check.failure != nullptr && !check.failure->is_host_unreachable;
    if (verdict == before && !has_vanished)
        return false;
    if (verdict != before) {
        check.record.note_verdict_change();
        note_change(check);
    }
    check.failure =
        verdict == Verdict::kBad
            ? std::make_shared<const Failure>(
                  Failure{with_hold(check, result.reason), is_unreachable, check.record.since_ms()})
            : nullptr;
    update_standings(check);
    standings_.changed.insert(standings_.changed.end(), check.backends.begin(),
                              check.backends.end());
    return true;
}

void Checker::update_standings(const Check& check) {
    for (const std::uint32_t number : check.backends)
        standings_.backends[number] = {check.results.verdict(), check.failure};
}

}  // namespace vipfwd::health
