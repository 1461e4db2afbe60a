// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/tap_check.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "dataplane/abi/handover.h"

namespace vipfwd::host {
namespace {

// The driver gets the name in a list of arguments, and the kernel would replace a "%d".
bool is_plain(const std::string& name) {
    constexpr std::string_view kHarmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return name.find_first_not_of(kHarmless) == std::string::npos && name != "." && name != "..";
}

}  // namespace

Result<void> check_tap(const PortPlan& plan, const char* tun) {
    const std::string quoted = "kernel_interface = \"" + plan.kernel_interface + "\"";
    if (!is_plain(plan.kernel_interface))
        return Error{quoted + " is not a name that an interface can have here"};
    if (if_nametoindex(plan.kernel_interface.c_str()) != 0)
        return Error{quoted + " is in use: there is an interface of that name"};
    const abi::Fd fd(open(tun, O_RDWR | O_CLOEXEC));
    if (!fd)
        return Error{quoted + " cannot be made: " + tun + ": " + std::strerror(errno) +
                     "; run modprobe tun as root, or set kernel_interface = \"\""};
    if (capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) != 1) {
        return Error{quoted + " needs root, or the capability NET_ADMIN; or set " +
                     "kernel_interface = \"\""};
    }
    return {};
}

}  // namespace vipfwd::host
