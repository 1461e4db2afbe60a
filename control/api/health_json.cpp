// SPDX-License-Identifier: Apache-2.0
#include "control/api/health_json.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "control/api/words.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::api {
namespace {

// How long ago `unix_ms` was; null for 0.
void write_age(std::string_view key, std::int64_t unix_ms, std::int64_t now_ms, JsonText& text) {
    text.key(key);
    if (unix_ms == 0)
        text.value(nullptr);
    else
        text.value(static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - unix_ms, 0)));
}

void write_last(const health::CheckRecord& record, std::int64_t now_ms, JsonText& text) {
    text.key("last");
    if (record.last_at_ms() == 0) {
        text.value(nullptr);
        return;
    }
    text.begin('{');
    text.field("result", word(record.last().kind));
    text.field("reason", record.last().reason);
    write_age("age_ms", record.last_at_ms(), now_ms, text);
    text.end('}');
}

void write_latencies(const std::optional<health::Latencies>& latencies, JsonText& text) {
    text.key("latency_us");
    if (!latencies) {
        text.value(nullptr);
        return;
    }
    text.begin('{');
    text.field("last", latencies->last_us);
    text.field("p50", latencies->p50_us);
    text.field("p99", latencies->p99_us);
    text.end('}');
}

void write_agent(const health::CheckView& check, std::int64_t now_ms, JsonText& text) {
    text.key("agent");
    text.begin('{');
    const health::AgentAnswer* const answer = check.standing.agent.get();
    text.key("answer");
    if (answer == nullptr) {
        text.value(nullptr);
    } else {
        text.begin('{');
        text.field("state", health::name(answer->state));
        text.field("weight_percent", answer->percent);
        text.field("line", answer->line);
        text.end('}');
    }
    write_last(*check.agent, now_ms, text);
    text.end('}');
}

// null: it is not known.
void write_path_mtu(const health::Standing& standing, JsonText& text) {
    text.key("path_mtu");
    if (standing.path_mtu == nullptr) {
        text.value(nullptr);
        return;
    }
    text.begin('{');
    text.field("wanted", standing.path_mtu->wanted);
    text.field("found", standing.path_mtu->found);
    text.end('}');
}

}  // namespace

void write_check(const health::CheckView& check, JsonText& text) {
    const std::int64_t now_ms = unix_ms();
    write_age("health_age_ms", check.since_ms, now_ms, text);
    text.key("why");
    if (check.standing.failure != nullptr)
        text.value(check.standing.failure->reason);
    else
        text.value(nullptr);
    write_last(check.record, now_ms, text);
    write_latencies(check.record.latencies(), text);
    if (check.target.tunnel)
        write_path_mtu(check.standing, text);
    if (check.agent)
        write_agent(check, now_ms, text);
}

}  // namespace vipfwd::api
