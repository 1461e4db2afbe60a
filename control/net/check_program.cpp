// SPDX-License-Identifier: Apache-2.0
#include "control/net/check_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "control/net/check.skel.h"

namespace vipfwd::net {
namespace {

// The filter's place on the interface. The handle tells whether the qdisc is ours as well: a
// process that finds it cannot know otherwise.
constexpr std::uint32_t kFilterPriority = 7676;
constexpr std::uint32_t kHandleInOwnQdisc = 1;
constexpr std::uint32_t kHandleInFoundQdisc = 2;
constexpr std::array kHandles{kHandleInOwnQdisc, kHandleInFoundQdisc};

// What libbpf prints is also in the errors that it returns.
class QuietLibbpf {
  public:
    QuietLibbpf() : before_(libbpf_set_print(nullptr)) {}
    QuietLibbpf(const QuietLibbpf&) = delete;
    QuietLibbpf& operator=(const QuietLibbpf&) = delete;
    ~QuietLibbpf() { libbpf_set_print(before_); }

  private:
    libbpf_print_fn_t before_;
};

Error failure(const std::string& what, int error) {
    const bool lacks_rights = error == EPERM || error == EACCES;
    return Error{what + ": " + std::strerror(error) +
                 (lacks_rights ? "; run control with CAP_BPF and CAP_NET_ADMIN" : "")};
}

bpf_tc_hook egress_of(int interface) {
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = interface;
    hook.attach_point = BPF_TC_EGRESS;
    return hook;
}

bpf_tc_opts filter(std::uint32_t handle) {
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.handle = handle;
    options.priority = kFilterPriority;
    return options;
}

// 0: no program is attached there.
std::uint32_t attached_id(const bpf_tc_hook& hook, std::uint32_t handle) {
    bpf_tc_opts found = filter(handle);
    return bpf_tc_query(&hook, &found) == 0 ? found.prog_id : 0;
}

}  // namespace

void CheckProgram::Destroy::operator()(check_bpf* program) const {
    check_bpf__destroy(program);
}

CheckProgram::CheckProgram(Loaded loaded, std::shared_ptr<CheckMap> map)
    : loaded_(std::move(loaded)), map_(std::move(map)) {
    bpf_prog_info info{};
    __u32 bytes = sizeof info;
    if (bpf_obj_get_info_by_fd(bpf_program__fd(loaded_->progs.vipfwd_check), &info, &bytes) == 0)
        id_ = info.id;
}

Result<CheckProgram> CheckProgram::load() {
    const QuietLibbpf quiet;
    Loaded loaded(check_bpf__open_and_load());
    if (loaded == nullptr)
        return failure("cannot load the program that encapsulates health checks", errno);
    Result<std::shared_ptr<CheckMap>> map = CheckMap::open(bpf_map__fd(loaded->maps.paths));
    if (!map)
        return map.error();
    return CheckProgram(std::move(loaded), std::move(*map));
}

Result<bool> CheckProgram::attach(int interface) const {
    const QuietLibbpf quiet;
    bpf_tc_hook hook = egress_of(interface);
    std::uint32_t handle = 0;
    for (const std::uint32_t one : kHandles) {
        const std::uint32_t id = attached_id(hook, one);
        if (id != 0 && id == id_)
            return false;
        if (id != 0)
            handle = one;
    }
    if (handle == 0) {
        const int created = bpf_tc_hook_create(&hook);
        if (created != 0 && created != -EEXIST)
            return failure("cannot add a clsact qdisc", -created);
        handle = created == 0 ? kHandleInOwnQdisc : kHandleInFoundQdisc;
    }
    bpf_tc_opts options = filter(handle);
    options.prog_fd = bpf_program__fd(loaded_->progs.vipfwd_check);
    options.flags = BPF_TC_F_REPLACE;
    if (const int error = bpf_tc_attach(&hook, &options); error != 0)
        return failure("cannot attach the program that encapsulates health checks", -error);
    return true;
}

void detach_check_program(int interface) {
    const QuietLibbpf quiet;
    bpf_tc_hook hook = egress_of(interface);
    for (const std::uint32_t handle : kHandles) {
        if (attached_id(hook, handle) == 0)
            continue;
        const bpf_tc_opts options = filter(handle);
        bpf_tc_detach(&hook, &options);
        if (handle == kHandleInOwnQdisc) {
            hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
            bpf_tc_hook_destroy(&hook);
        }
    }
}

}  // namespace vipfwd::net
