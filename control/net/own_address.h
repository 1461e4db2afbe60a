// SPDX-License-Identifier: Apache-2.0
// Addresses that we give the kernel's interfaces, so that the machine's own programs can serve on
// them; marked (kOwnAddress), so that a later control knows them for ours. A kernel before 5.18
// knows no marks: there, what a control that was killed leaves behind is not recognised.
//
// Such an address is for receiving only: it is no source unless a program binds to it, it comes
// with no route but its own, and is not probed for duplicates, which an election rules out.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "control/net/netlink_request.h"
#include "control/net/questions.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::net {

struct OwnAddress {
    std::string interface;
    IpAddress address;

    friend auto operator<=>(const OwnAddress&, const OwnAddress&) = default;
};

// False if the interface has it already, whoever it is from.
Result<bool> add_own_address(Questions& kernel, const OwnAddress& own);
// The interface has it for so many seconds from now on (at least 1), or kForGood.
Result<void> keep_own_address(Questions& kernel, const OwnAddress& own, std::uint32_t valid_s);
// No error if it is gone, or its interface.
Result<void> remove_own_address(Questions& kernel, const OwnAddress& own);

}  // namespace vipfwd::net
