// SPDX-License-Identifier: Apache-2.0
// Where this project's compiled eBPF programs are.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// The path of an object such as "steer.bpf.o": the first that exists of
//   $VIPFWD_BPF_DIR/                    and only there, if it is set
//   <executable>/../../dataplane/bpf/   the build tree
//   <executable>/bpf/                   files copied together
//   where it is installed
// where <executable> is the directory of this process's executable. An error names what was tried.
Result<std::string> find_object(std::string_view name);

}  // namespace vipfwd::bpf
