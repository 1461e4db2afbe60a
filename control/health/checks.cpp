// SPDX-License-Identifier: Apache-2.0
#include "control/health/checks.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "control/loop/thread.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

constexpr std::size_t kMostProbes = 4096;
// For everything else in this process.
constexpr std::size_t kSparedDescriptors = 512;

// How many probes may run at a time, each of which has a descriptor. Raises the soft limit, which
// is 1024 by default.
std::size_t provide_descriptors() {
    constexpr rlim_t kWanted = kMostProbes + kSparedDescriptors;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < kWanted) {
        limit.rlim_cur = std::min(limit.rlim_max, kWanted);
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    const std::size_t usable = limit.rlim_cur;
    if (usable >= 2 * kSparedDescriptors)
        return std::min(usable - kSparedDescriptors, kMostProbes);
    return std::max<std::size_t>(usable / 2, 1);
}

std::int64_t held_down_s(const Checker::Check& check) {
    return check.results.verdict() == Verdict::kBad ? check.damper.hold_s(monotonic_ns()) : 0;
}

}  // namespace

Checks::Checks(Loop& loop, std::function<void(std::shared_ptr<const Standings>)> on_change)
    : on_change_(std::move(on_change)),
      to_gateway_(loop),
      inbox_(loop_),
      prober_(loop_),
      next_tell_(loop_, [this] { tell(); }),
      checker_(
          loop_,
          [this](const Target& target, OnProbed on_probed, Attempt attempt) {
              return prober_.start(
                  target,
                  [this, on_probed = std::move(on_probed)](ProbeResult result) {
                      const std::lock_guard lock(mutex_);
                      on_probed(std::move(result));
                  },
                  attempt);
          },
          provide_descriptors(), [this] { on_changed(); }),
      thread_(start_thread("health", [this] { loop_.run(); })) {}

Checks::~Checks() {
    inbox_.post([this] { loop_.stop(); });
    thread_.join();
}

void Checks::configure(std::shared_ptr<const config::Config> config, Checker::Recall recall) {
    inbox_.post([this, config = std::move(config), recall = std::move(recall)] {
        run_configure(config, recall);
    });
}

void Checks::use_notes(std::span<abi::CheckNote> area, bool are_recalled) {
    recalls_ += are_recalled ? 1 : 0;
    inbox_.post([this, area, recalls = recalls_] {
        checker_.use_notes(area);
        recalls_seen_ = recalls;
    });
}

void Checks::use(std::shared_ptr<const TunnelNetwork> network) {
    inbox_.post([this, network = std::move(network)] { prober_.use(network); });
}

void Checks::run_configure(std::shared_ptr<const config::Config> config,
                           const Checker::Recall& recall) {
    if (has_told_ && checker_.has_changes() && recalls_followed_ == recalls_seen_)
        tell();
    recalls_followed_ = recalls_seen_;
    {
        const std::lock_guard lock(mutex_);
        checker_.configure(std::move(config), recall);
    }
    if (first_round_ends_ns_ == 0) {
        first_round_ends_ns_ = monotonic_ns() + kFirstRound_ms * kNanosecondsPerMs;
        next_tell_.fire_at(first_round_ends_ns_);
    }
    on_changed();
}

// The first standings after the start wait for the results of all checks: tables that were built
// before the last of them would leave backends out that work.
void Checks::on_changed() {
    const std::int64_t now_ns = monotonic_ns();
    if (!has_told_ && !checker_.knows_all() && now_ns < first_round_ends_ns_)
        return;
    const std::int64_t due_ns = told_at_ns_ + kTell_ms * kNanosecondsPerMs;
    if (now_ns >= due_ns)
        tell();
    else
        next_tell_.fire_at(due_ns);
}

void Checks::tell() {
    next_tell_.cancel();
    has_told_ = true;
    told_at_ns_ = monotonic_ns();
    to_gateway_.post([this, recalls = recalls_followed_,
                      standings = std::make_shared<const Standings>(checker_.standings())] {
        if (recalls == recalls_)
            on_change_(standings);
    });
    checker_.forget_changes();
}

CheckViews Checks::views() const {
    CheckViews views;
    const std::lock_guard lock(mutex_);
    views.config = checker_.standings().config;
    views.numbers = checker_.standings().numbers;
    views.of_backends.assign(checker_.standings().backends.size(), CheckViews::kUnchecked);
    checker_.for_each([&views](const Checker::Check& check) {
        for (const std::uint32_t number : check.backends)
            views.of_backends[number] = static_cast<std::uint32_t>(views.checks.size());
        CheckView& view = views.checks.emplace_back(CheckView{.target = check.target,
                                                              .standing = check.standing(),
                                                              .since_ms = check.since_ms(),
                                                              .held_down_s = held_down_s(check),
                                                              .record = check.record});
        if (check.agent != nullptr)
            view.agent = check.agent->record;
    });
    return views;
}

}  // namespace vipfwd::health
