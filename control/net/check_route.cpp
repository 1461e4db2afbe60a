// SPDX-License-Identifier: Apache-2.0
#include "control/net/check_route.h"

#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace vipfwd::net {
namespace {

constexpr MarkRule kRule{.preference = CheckRoute::kRulePreference,
                         .mark = CHECK_MARK,
                         .mask = CHECK_MARK_MASK,
                         .table = CheckRoute::kTable};

int loopback() {
    return static_cast<int>(if_nametoindex("lo"));
}

const char* version_of(int family) {
    return family == AF_INET ? "IPv4" : "IPv6";
}

// An error unless the kernel has done it or had it.
Result<void> note_added(int error, const std::string& what, std::vector<std::string>& added) {
    if (error == 0)
        added.push_back(what);
    else if (error != EEXIST)
        return Error{"cannot add the " + what + " of health checks: " + std::strerror(error) +
                     (error == EPERM ? "; run control with CAP_NET_ADMIN" : "")};
    return {};
}

}  // namespace

Result<std::vector<std::string>> CheckRoute::ensure(bool needs_v4, bool needs_v6) {
    if (!program_) {
        Result<CheckProgram> loaded = CheckProgram::load();
        if (!loaded)
            return loaded.error();
        program_.emplace(std::move(*loaded));
    }
    std::vector<std::string> added;
    const Result<bool> attached = program_->attach(loopback());
    if (!attached)
        return attached.error();
    if (*attached)
        added.emplace_back("program on lo");
    for (const int family : {AF_INET, AF_INET6}) {
        if (!(family == AF_INET ? needs_v4 : needs_v6))
            continue;
        // The route first: without it, marked packets would take the ordinary routes.
        if (const Result<void> route = ensure_route(family, added); !route)
            return route.error();
        if (const Result<void> rule = ensure_rule(family, added); !rule)
            return rule.error();
    }
    return added;
}

Result<void> CheckRoute::ensure_rule(int family, std::vector<std::string>& added) {
    const int error = error_of(kernel_.request([&](std::uint32_t sequence) {
        return rule_request(Change::kAdd, family, kRule, sequence);
    }));
    return note_added(error, std::string(version_of(family)) + " rule", added);
}

Result<void> CheckRoute::ensure_route(int family, std::vector<std::string>& added) {
    const int error = error_of(kernel_.request([&](std::uint32_t sequence) {
        return local_route_request(Change::kAdd, family, kTable, loopback(), sequence);
    }));
    return note_added(error, std::string(version_of(family)) + " route", added);
}

void CheckRoute::remove() {
    for (const int family : {AF_INET, AF_INET6}) {
        kernel_.request([&](std::uint32_t sequence) {
            return rule_request(Change::kRemove, family, kRule, sequence);
        });
        kernel_.request([&](std::uint32_t sequence) {
            return local_route_request(Change::kRemove, family, kTable, loopback(), sequence);
        });
    }
    detach_check_program(loopback());
    program_.reset();
}

}  // namespace vipfwd::net
