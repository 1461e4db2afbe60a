// SPDX-License-Identifier: Apache-2.0
#include "control/loop/mailbox.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace vipfwd {
namespace {

TEST(Mailbox, WorkOfOtherThreadsRunsOnTheLoopInItsOrder) {
    Loop loop;
    Mailbox mailbox(loop);
    std::vector<int> order;
    std::thread::id ran_on;
    std::thread other([&] {
        for (int i = 0; i < 100; ++i)
            mailbox.post([&order, i] { order.push_back(i); });
        mailbox.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
    ASSERT_EQ(order.size(), 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Mailbox, WhatIsLeftIsForgotten) {
    Loop loop;
    bool has_run = false;
    {
        std::optional<Mailbox> mailbox(std::in_place, loop);
        mailbox->post([&] { has_run = true; });
    }
    Timer end(loop, [&] { loop.stop(); });
    end.fire_after(1);
    loop.run();
    EXPECT_FALSE(has_run);
}

TEST(Mailbox, WorkMayPostMore) {
    Loop loop;
    Mailbox mailbox(loop);
    mailbox.post([&] { mailbox.post([&] { loop.stop(); }); });
    loop.run();
}

}  // namespace
}  // namespace vipfwd
