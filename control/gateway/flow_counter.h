// SPDX-License-Identifier: Apache-2.0
// Has the workers count flows, for the plan of a reload to tell how many connections it resets.
// Does not block: it asks now and then whether they are done, which takes them about a second for a
// million flows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "control/gateway/publishing.h"
#include "control/loop/loop.h"
#include "control/table/flow_counting.h"

namespace vipfwd::gateway {

class FlowCounter {
  public:
    // Workers that sleep, because there is no traffic, count slowly. What they have not counted by
    // then is not known.
    static constexpr std::int64_t kLongest_ms = 5000;

    using Answer = std::function<void(const table::FlowCounts&)>;

    // `runs` says whether the workers run.
    FlowCounter(Loop& loop, Publishing& publishing, std::function<bool()> runs);

    // Counts the flows by these keys (abi::WatchedBackends::key()), and answers once; not before
    // this function returns. While workers do not run, nothing is counted. Not before the last
    // answer.
    void count(const std::vector<std::uint32_t>& keys, Answer answer);

  private:
    void poll();
    void finish();

    Publishing& publishing_;
    std::function<bool()> runs_;
    std::optional<table::FlowCounting> counting_;
    bool is_requested_ = false;  // the next round
    std::int64_t deadline_ns_ = 0;
    Answer answer_;
    Timer poll_;
};

}  // namespace vipfwd::gateway
