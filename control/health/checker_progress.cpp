// SPDX-License-Identifier: Apache-2.0
// How a check goes on from where a control of before was with it, and what it notes for the next.
#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "control/health/checker.h"
#include "control/health/target_digest.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

constexpr std::int64_t kNanosecondsPerDs = kNanosecondsPerS / 10;
// The results of a check that has made more attempts count more than what is learned later.
constexpr std::size_t kMostEarlyResults = 256;

// Rounded up: a hold does not end early.
std::uint32_t to_ds(std::int64_t time_ns) {
    return static_cast<std::uint32_t>((time_ns + kNanosecondsPerDs - 1) / kNanosecondsPerDs);
}

abi::CheckProgress progress_of(const Checker::Check& check) {
    const FlapDamper& damper = check.damper;
    const bool is_good = check.results.verdict() == Verdict::kGood;
    return {.verdict = static_cast<std::uint8_t>(check.results.verdict()),
            .short_times = static_cast<std::uint8_t>(std::min(damper.short_times(), 255u)),
            .contrary = static_cast<std::uint16_t>(check.results.contrary_results()),
            .at_ds = to_ds(is_good ? damper.up_since_ns() : damper.held_until_ns())};
}

// A note of another verdict than the tables' was written right before control was killed, and was
// not published: one more such result is asked for.
void resume_from_note(Checker::Check& check, Verdict known, const abi::CheckProgress& note) {
    const config::Check& options = check.target.check;
    const std::uint32_t most = (known == Verdict::kGood ? options.fall : options.rise) - 1;
    const std::int64_t now_ns = monotonic_ns();
    const std::int64_t at_ns = std::int64_t{note.at_ds} * kNanosecondsPerDs;
    const bool is_published = note.verdict == static_cast<std::uint8_t>(known);
    check.results.resume(known, is_published ? std::min<std::uint32_t>(note.contrary, most) : most);
    if (known == Verdict::kBad)
        check.damper.resume_down(note.short_times, is_published ? at_ns : 0, now_ns);
    else if (is_published)
        check.damper.resume_up(note.short_times, at_ns, now_ns);
    else
        check.damper.resume_up(note.short_times == 0 ? 0u : note.short_times - 1u, now_ns, now_ns);
}

}  // namespace

void Checker::use_notes(std::span<abi::CheckNote> area) {
    notes_ = std::make_unique<CheckNotes>(area);
}

// Control learns what was known before from the dataplane, some time after its own start. Results
// that it had meanwhile follow on that, so that the first one does not count at once. Returns
// whether the verdict is another one than what was known.
bool Checker::resume_from(Check& check, const Standing& known) {
    if (check.has_recalled || known.verdict == Verdict::kUnknown)
        return false;
    check.has_recalled = true;
    const std::vector<bool> early = std::move(check.early_results);
    const Verdict now = check.results.verdict();
    unknown_ -= now == Verdict::kUnknown ? 1 : 0;
    check.results.resume(known.verdict, 0);
    const auto note = notes_ ? notes_->find(check.digest) : std::nullopt;
    if (note)
        resume_from_note(check, known.verdict, *note);
    check.noted = note ? *note : progress_of(check);
    const FlapDamper damper = check.damper;
    for (const bool is_good : early)
        add_result(check, is_good);
    if (!note)
        check.damper = damper;  // it knows of these results
    if (check.results.verdict() != now)
        check.failure = check.results.verdict() == Verdict::kBad ? known.failure : nullptr;
    keep_note(check);
    return check.results.verdict() != known.verdict;
}

void Checker::add_result(Check& check, bool is_good) {
    if (is_ignored(check, is_good))
        return;
    const Verdict before = check.results.verdict();
    check.results.add(is_good);
    if (check.results.verdict() == before)
        return;
    if (is_good)
        check.damper.on_up(monotonic_ns());
    else
        check.damper.on_down(monotonic_ns());
}

void Checker::remember_early(Check& check, bool is_good) {
    if (check.has_recalled)
        return;
    check.early_results.push_back(is_good);
    if (check.early_results.size() < kMostEarlyResults)
        return;
    check.has_recalled = true;
    check.early_results = {};
}

// Of a check that has had nothing but good results, nothing is ever noted.
void Checker::keep_note(Check& check) {
    const abi::CheckProgress now = progress_of(check);
    const bool is_first = check.noted.verdict == static_cast<std::uint8_t>(Verdict::kUnknown);
    if (now == check.noted)
        return;
    check.noted = now;
    if (notes_ != nullptr && !is_first)
        notes_->put(check.digest, now);
}

void Checker::retain_notes() {
    if (notes_ == nullptr || notes_->empty())
        return;
    std::unordered_set<std::uint64_t> digests;
    for (const auto& [target, check] : checks_)
        digests.insert(check->digest);
    notes_->retain(digests);
}

}  // namespace vipfwd::health
