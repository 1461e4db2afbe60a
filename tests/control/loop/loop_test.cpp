// SPDX-License-Identifier: Apache-2.0
#include "control/loop/loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "tests/control/loop/deadline.h"

namespace vipfwd {
namespace {

struct Pipe {
    Pipe() { EXPECT_EQ(pipe(ends.data()), 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    void write_byte() const { EXPECT_EQ(write(ends[1], "x", 1), 1); }
    void read_byte() const {
        char byte = 0;
        EXPECT_EQ(read(ends[0], &byte, 1), 1);
    }
    std::array<int, 2> ends{};
};

using test::Deadline;

TEST(Loop, ReturnsAtOnceIfItWasStoppedBeforeItRan) {
    Loop loop;
    const Deadline deadline(loop);
    loop.stop();
    loop.run();
    bool fired = false;
    Timer timer(loop, [&] {
        fired = true;
        loop.stop();
    });
    timer.fire_after(0);
    loop.run();
    EXPECT_TRUE(fired);
}

TEST(FdWatch, CallsBackWhileTheFdIsReadable) {
    Loop loop;
    const Deadline deadline(loop);
    const Pipe pipe;
    pipe.write_byte();
    pipe.write_byte();
    int calls = 0;
    const FdWatch watch(loop, pipe.ends[0], FdWatch::Ready::kReadable, [&] {
        pipe.read_byte();
        if (++calls == 2)
            loop.stop();
    });
    loop.run();
    EXPECT_EQ(calls, 2);
}

TEST(FdWatch, CallsBackWhenTheFdIsWritable) {
    Loop loop;
    const Deadline deadline(loop);
    const Pipe pipe;
    const FdWatch watch(loop, pipe.ends[1], FdWatch::Ready::kWritable, [&] { loop.stop(); });
    loop.run();
}

TEST(FdWatch, MayBeDestroyedByItsOwnCallbackWhoseCapturesStayValid) {
    Loop loop;
    const Deadline deadline(loop);
    const Pipe pipe;
    pipe.write_byte();
    std::optional<FdWatch> watch;
    int calls = 0;
    const auto captured = std::make_shared<int>(42);
    watch.emplace(loop, pipe.ends[0], FdWatch::Ready::kReadable, [&, captured] {
        watch.reset();
        calls += *captured;
        Timer(loop, [] {}).fire_after(0);
    });
    Timer later(loop, [&] { loop.stop(); });
    later.fire_after(20);
    loop.run();
    EXPECT_EQ(calls, 42) << "called again after its destruction, or not at all";
    EXPECT_EQ(captured.use_count(), 1) << "the callback was leaked";
}

TEST(FdWatch, MayDestroyAnotherThatIsReadyToo) {
    Loop loop;
    const Deadline deadline(loop);
    const Pipe pipe;
    pipe.write_byte();
    std::array<std::optional<FdWatch>, 2> watches;
    int calls = 0;
    for (std::size_t i = 0; i < 2; ++i) {
        watches[i].emplace(loop, pipe.ends[0], FdWatch::Ready::kReadable, [&, i] {
            ++calls;
            watches[1 - i].reset();
            loop.stop();
        });
    }
    loop.run();
    EXPECT_EQ(calls, 1);
}

TEST(FdWatch, CanBeMovedWhileItWatches) {
    Loop loop;
    const Deadline deadline(loop);
    const Pipe pipe;
    const Pipe silent;
    pipe.write_byte();
    FdWatch first(loop, pipe.ends[0], FdWatch::Ready::kReadable, [&] { loop.stop(); });
    FdWatch second(loop, silent.ends[0], FdWatch::Ready::kReadable, [] { FAIL(); });
    silent.write_byte();
    second = std::move(first);
    loop.run();
}

TEST(Timer, FiresOnceAfterItsDelayUnlessArmedAgain) {
    Loop loop;
    const Deadline deadline(loop);
    const auto start = std::chrono::steady_clock::now();
    int calls = 0;
    std::optional<Timer> timer;
    timer.emplace(loop, [&] {
        EXPECT_FALSE(timer->armed());
        if (++calls == 1)
            timer->fire_after(20);
        else
            loop.stop();
    });
    timer->fire_after(20);
    EXPECT_TRUE(timer->armed());
    loop.run();
    EXPECT_EQ(calls, 2);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(39));
}

TEST(Timer, FiresPeriodicallyUntilCancelled) {
    Loop loop;
    const Deadline deadline(loop);
    int calls = 0;
    Timer periodic(loop, [&] {
        if (++calls == 3)
            periodic.cancel();
    });
    periodic.fire_every(5);
    Timer end(loop, [&] { loop.stop(); });
    Timer watch_end(loop, [&] {
        if (calls == 3 && !end.armed())
            end.fire_after(30);
    });
    watch_end.fire_every(5);
    loop.run();
    EXPECT_EQ(calls, 3);
    EXPECT_FALSE(periodic.armed());
}

TEST(Timer, APeriodicTimerCanBecomeOneShotInItsCallback) {
    Loop loop;
    const Deadline deadline(loop);
    int calls = 0;
    Timer timer(loop, [&] {
        if (++calls == 1)
            timer.fire_after(1);
    });
    timer.fire_every(1);
    Timer end(loop, [&] { loop.stop(); });
    end.fire_after(50);
    loop.run();
    EXPECT_EQ(calls, 2);
}

TEST(Timer, CountsFromTheCallThatArmsItEvenAfterALongCallback) {
    Loop loop;
    const Deadline deadline(loop);
    std::chrono::steady_clock::time_point armed_at;
    std::chrono::steady_clock::duration waited{};
    Timer second(loop, [&] {
        waited = std::chrono::steady_clock::now() - armed_at;
        loop.stop();
    });
    Timer first(loop, [&] {
        usleep(50'000);
        armed_at = std::chrono::steady_clock::now();
        second.fire_after(30);
    });
    first.fire_after(0);
    loop.run();
    EXPECT_GE(waited, std::chrono::milliseconds(29));
}

TEST(SignalWatch, CallsBackInTheLoop) {
    Loop loop;
    const Deadline deadline(loop);
    std::optional<SignalWatch> watch;
    int calls = 0;
    watch.emplace(loop, SIGUSR1, [&] {
        ++calls;
        watch.reset();
        loop.stop();
    });
    raise(SIGUSR1);
    EXPECT_EQ(calls, 0);
    loop.run();
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace vipfwd
