// SPDX-License-Identifier: Apache-2.0
#include "control/loop/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace vipfwd {
namespace {

// Starts the child as a shell would: it does not inherit control's signal mask and dispositions,
// standard streams or process group.
class SpawnSettings {
  public:
    SpawnSettings() {
        posix_spawn_file_actions_init(&files);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
        posix_spawnattr_init(&attributes);
        sigset_t signals;
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes, &signals);
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes, &signals);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    }
    ~SpawnSettings() {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};
};

// Or -1, with errno.
int open_process(pid_t pid) {
    return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

ChildEnd no_start(const std::string& verb, int error) {
    const bool is_shortage =
        error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM;
    return {.failure = "cannot be " + verb + ": " + std::strerror(error), .was_run = !is_shortage};
}

std::string failure_of(int status) {
    if (WIFSIGNALED(status))
        return "killed by signal " + std::to_string(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "" : "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Child::Child(Loop& loop, OnEnd on_end)
    : loop_(loop), on_end_(std::move(on_end)), timeout_(loop, [this] { on_timeout(); }) {}

Child::~Child() {
    if (running())
        kill_and_reap();
}

void Child::start(const std::vector<std::string>& words, std::int64_t timeout_ms) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const SpawnSettings settings;
    const int error = posix_spawnp(&pid_, arguments.front(), &settings.files, &settings.attributes,
                                   arguments.data(), environ);
    timeout_ms_ = timeout_ms;
    not_started_.reset();
    if (error != 0) {
        pid_ = 0;
        not_started_ = no_start("started", error);
        return timeout_.fire_after(0);
    }
    process_ = abi::Fd(open_process(pid_));
    if (!process_) {
        not_started_ = no_start("watched", errno);
        return timeout_.fire_after(0);
    }
    watch_ = std::make_unique<FdWatch>(loop_, process_.get(), FdWatch::Ready::kReadable,
                                       [this] { on_exit(); });
    timeout_.fire_after(timeout_ms);
}

void Child::on_exit() {
    end({.failure = failure_of(kill_and_reap())});  // also kills what it left in the background
}

void Child::on_timeout() {
    if (running())
        kill_and_reap();
    end(not_started_.value_or(
        ChildEnd{.failure = "no answer within " + std::to_string(timeout_ms_) + " ms"}));
}

void Child::end(const ChildEnd& end) {
    timeout_.cancel();
    watch_.reset();
    process_ = abi::Fd();
    pid_ = 0;
    on_end_(end);
}

int Child::kill_and_reap() {
    kill(-pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
}

}  // namespace vipfwd
