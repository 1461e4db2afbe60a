// SPDX-License-Identifier: Apache-2.0
// A check goes on from what a control of before has noted.
#include <array>
#include <memory>

#include "control/health/target_digest.h"
#include "dataplane/abi/clock.h"
#include "tests/control/health/checker_fixture.h"

namespace vipfwd::health {
namespace {

using abi::CheckProgress;

constexpr std::uint8_t kGoodNote = static_cast<std::uint8_t>(Verdict::kGood);
constexpr std::uint8_t kBadNote = static_cast<std::uint8_t>(Verdict::kBad);

std::uint32_t now_ds() {
    return static_cast<std::uint32_t>(monotonic_ns() / 100'000'000);
}

// Of a control, and of the one that follows on it.
class CheckerProgressTest : public CheckerTest {
  protected:
    static Checker::Recall recall(Verdict verdict) {
        return [verdict](const config::Config&) {
            return std::vector<Standing>{{.verdict = verdict}};
        };
    }
    config::Pool checked() const {
        config::Pool made = pool("a", {"10.0.0.1"});
        made.check.rise = rise_;
        made.check.fall = fall_;
        return made;
    }
    void start(Verdict known) {
        checker_.use_notes(area_);
        configure({checked()}, recall(known));
    }
    // The region has this note of the check when control starts.
    void start(Verdict known, const CheckProgress& note) {
        area_[1].digest.store(target_digest(target_of(checked(), checked().backends[0], {})));
        area_[1].progress.store(note.pack());
        start(known);
    }
    // The word of the one note; 0: there is none.
    CheckProgress note() const {
        CheckProgress found;
        for (const abi::CheckNote& one : area_) {
            if (one.digest.load() != 0)
                found = CheckProgress::unpack(one.progress.load());
        }
        return found;
    }
    // How many such results it takes to change the verdict.
    int results_until_change(ResultKind kind) {
        const Verdict before = verdict(0);
        int results = 0;
        while (verdict(0) == before && results < 20) {
            give("10.0.0.1", kind);
            ++results;
        }
        return results;
    }

    std::uint32_t rise_ = 5;
    std::uint32_t fall_ = 8;
    std::array<abi::CheckNote, 4> area_{};
};

TEST_F(CheckerProgressTest, ResultsInARowAreNoted) {
    start(Verdict::kUnknown);
    for (int i = 0; i < 3; ++i)
        give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(note(), CheckProgress()) << "of a healthy backend nothing is noted";
    give("10.0.0.1", ResultKind::kFailed);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(note().verdict, kGoodNote);
    EXPECT_EQ(note().contrary, 2);
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(note().contrary, 0);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 8);
    EXPECT_EQ(note().verdict, kBadNote);
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(note().contrary, 1);
    configure({});
    EXPECT_EQ(note(), CheckProgress()) << "the check is removed";
}

TEST_F(CheckerProgressTest, AFallGoesOn) {
    start(Verdict::kGood, {.verdict = kGoodNote, .contrary = 6});
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 2);
}

TEST_F(CheckerProgressTest, ARiseGoesOn) {
    start(Verdict::kBad, {.verdict = kBadNote, .contrary = 3});
    EXPECT_EQ(verdict(0), Verdict::kBad);
    EXPECT_EQ(results_until_change(ResultKind::kGood), 2);
}

TEST_F(CheckerProgressTest, ResultsBeforeTheRegionIsThereFollowOnTheNote) {
    configure({checked()});
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kBad);
    start(Verdict::kGood, {.verdict = kGoodNote, .contrary = 5});
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(note().contrary, 6);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 2);
}

TEST_F(CheckerProgressTest, AResultBeforeTheRegionIsThereMayEndTheRow) {
    configure({checked()});
    give("10.0.0.1", ResultKind::kFailed);
    give("10.0.0.1", ResultKind::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    start(Verdict::kGood, {.verdict = kGoodNote, .contrary = 6});
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 7);
}

TEST_F(CheckerProgressTest, TheLastResultOfTheRowMayComeBeforeTheRegion) {
    configure({checked()});
    give("10.0.0.1", ResultKind::kFailed);
    start(Verdict::kGood, {.verdict = kGoodNote, .contrary = 7});
    EXPECT_EQ(verdict(0), Verdict::kBad);
    EXPECT_EQ(checker_.standings().backends[0].failure->reason, "why");
    EXPECT_EQ(checker_.standings().changed, std::vector<std::uint32_t>{0});
}

TEST_F(CheckerProgressTest, AVerdictThatWasNotPublishedTakesOneMoreResult) {
    start(Verdict::kGood, {.verdict = kBadNote});
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 1);
}

TEST_F(CheckerProgressTest, AHoldGoesOn) {
    rise_ = 1;
    start(Verdict::kBad, {.verdict = kBadNote, .short_times = 6, .at_ds = now_ds() + 10});
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kBad);
    for (int i = 0; i < 1000 && verdict(0) == Verdict::kBad; ++i)
        give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kGood) << "the hold is over";
    EXPECT_EQ(note().short_times, 6);
}

TEST_F(CheckerProgressTest, ShortTimesUpGoOn) {
    fall_ = 1;
    start(Verdict::kGood, {.verdict = kGoodNote, .short_times = 4, .at_ds = now_ds()});
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(checker_.standings().backends[0].failure->reason,
              "why; held down: flapping, for 2 s");
}

TEST_F(CheckerProgressTest, GarbageChangesNoVerdictAndHoldsForNoLongerThanFlapsCan) {
    start(Verdict::kBad,
          {.verdict = kBadNote, .short_times = 255, .contrary = 65535, .at_ds = 0xffffffff});
    EXPECT_EQ(verdict(0), Verdict::kBad);
    EXPECT_EQ(results_until_change(ResultKind::kGood), 1);
    configure({});
    start(Verdict::kGood,
          {.verdict = kGoodNote, .short_times = 255, .contrary = 65535, .at_ds = 0xffffffff});
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 1);
}

TEST_F(CheckerProgressTest, ANoteOfAnotherCheckIsRemoved) {
    area_[2] = {{1}, {CheckProgress{.verdict = kGoodNote, .contrary = 7}.pack()}};
    start(Verdict::kGood);
    EXPECT_EQ(note(), CheckProgress());
    EXPECT_EQ(results_until_change(ResultKind::kFailed), 8);
}

}  // namespace
}  // namespace vipfwd::health
