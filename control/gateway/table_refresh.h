// SPDX-License-Identifier: Apache-2.0
// Keeps the published tables up to date without holding the loop up: gathers on the loop what they
// are built from, builds and writes them on a thread, and puts them in force on the loop again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "control/gateway/publishing.h"
#include "control/loop/background.h"
#include "control/loop/loop.h"

namespace vipfwd::gateway {

class TableRefresh {
  public:
    struct Hooks {
        std::function<PublishInputs()> inputs;  // as of now
        // `requested_ns` (of the monotonic clock): since when it was asked for.
        std::function<void(std::uint64_t generation, std::int64_t requested_ns)> published;
    };

    TableRefresh(Loop& loop, Publishing& publishing, Hooks hooks);

    // Publishes what the inputs call for, if anything. Requests that come while tables are built
    // are served together by one further build, so that what was requested is in force after two
    // builds at the latest, whatever follows.
    void request();
    // The same, and calls back when the tables of what is configured now are in force; or when that
    // waits for a dataplane that does not keep up; but at the latest after kLongestWait_ms.
    void request(std::function<void()> on_done);
    // Either of both, and tables of a reload that are built meanwhile do not yield to other work
    // any more.
    void request_urgently(std::function<void()> on_done = nullptr);

    static constexpr std::int64_t kLongestWait_ms = 5000;

  private:
    using Waiters = std::vector<std::function<void()>>;

    void start();
    void finish(PublishJob job, std::int64_t requested_ns, const Waiters& served);
    void release_waiters();

    Publishing& publishing_;
    Hooks hooks_;
    bool is_building_ = false;
    bool is_requested_ = false;  // once more, while tables are built
    // Since when the next build is asked for.
    std::optional<std::int64_t> requested_ns_;
    Waiters waiters_;  // of the next build
    Timer longest_wait_;
    Background thread_;  // the last member: it ends first
};

}  // namespace vipfwd::gateway
