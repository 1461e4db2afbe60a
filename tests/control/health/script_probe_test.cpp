// SPDX-License-Identifier: Apache-2.0
#include "control/health/script_probe.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/control/health/probe_fixture.h"
#include "tests/no_descriptors.h"

namespace vipfwd::health {
namespace {

class ScriptProbeTest : public ProbeTest {
  protected:
    static Target target(const std::string& script, std::uint32_t timeout_ms = kLong_ms) {
        Target made = make_target(config::CheckType::kScript, "10.0.0.11", 8080);
        made.check.command = {"/bin/sh", "-c", script};
        made.check.timeout_ms = timeout_ms;
        made.pool = "web";
        made.backend = "web 1";
        return made;
    }
};

TEST_F(ScriptProbeTest, ExitStatus0IsGood) {
    EXPECT_EQ(text_of(probe(target("exit 0"))), "good");
}

TEST_F(ScriptProbeTest, AnotherStatusFailsWithTheFirstLineOfTheOutput) {
    EXPECT_EQ(text_of(probe(target("exit 3"))), "failed: exit status 3");
    EXPECT_EQ(text_of(probe(target("echo 'queue is \033[31mfull'; echo more; exit 3"))),
              "failed: exit status 3: queue is \\x1b[31mfull");
    EXPECT_EQ(text_of(probe(target("kill -9 $$"))), "failed: killed by signal 9");
}

TEST_F(ScriptProbeTest, KnowsWhatItChecks) {
    EXPECT_EQ(text_of(probe(target("echo $VIPFWD_POOL/$VIPFWD_BACKEND/$VIPFWD_ADDRESS/"
                                   "$VIPFWD_PORT; exit 1"))),
              "failed: exit status 1: web/web 1/10.0.0.11/8080");
}

TEST_F(ScriptProbeTest, IsKilledAtTheDeadline) {
    EXPECT_EQ(text_of(probe(target("echo begun; exec sleep 60", 300))),
              "failed: no answer within 300 ms: begun");
    EXPECT_EQ(text_of(probe(target("yes", 300))), "failed: no answer within 300 ms: y");
}

TEST_F(ScriptProbeTest, AProgramThatIsNotThereFails) {
    Target missing = target("");
    missing.check.command = {"/nowhere/check"};
    EXPECT_EQ(text_of(probe(missing)), "failed: exit status 127");
}

TEST_F(ScriptProbeTest, WithoutDescriptorsThereIsNoResult) {
    const test::NoDescriptors none;
    EXPECT_EQ(text_of(probe(target("exit 0"))),
              "none: not checked: cannot be started: Too many open files");
}

TEST_F(ScriptProbeTest, ALateLoopSeesNoFailureWhereItLookedTooLate) {
    const Target late = target("sleep 60", 10);
    const auto probe = prober_.start(late, [&](const ProbeResult& result) {
        EXPECT_EQ(result.kind, ProbeResult::Kind::kNone);
        loop_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    loop_.run();
}

TEST_F(ScriptProbeTest, MayBeDestroyedFromItsCallback) {
    for (const char* script : {"exit 0", "exit 1", "sleep 60"}) {
        const Target one = target(script, 100);
        std::unique_ptr<Probe> probe = prober_.start(one, [&](const ProbeResult&) {
            probe.reset();
            loop_.stop();
        });
        loop_.run();
        EXPECT_EQ(probe, nullptr);
    }
}

}  // namespace
}  // namespace vipfwd::health
