// SPDX-License-Identifier: Apache-2.0
// Finds the compiled eBPF programs of this project.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// The path of an object such as "steer.bpf.o", in the first of these directories that has it:
//   $VIPFWD_BPF_DIR/                    if it is set: no other is tried
//   <executable>/../../dataplane/bpf/   in the build tree
//   <executable>/bpf/                   if the files were copied together
//   the directory where meson installs it
// <executable> is the directory of this process's executable. The error names the directories
// tried.
Result<std::string> find_object(std::string_view name);

}  // namespace vipfwd::bpf
