// SPDX-License-Identifier: Apache-2.0
#include "control/loop/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

void Child::start(const std::vector<std::string>& words, std::int64_t timeout_ms, Output output) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    SpawnSettings settings;
    timeout_ms_ = timeout_ms;
    not_started_.reset();
    output_.clear();
    abi::Fd written;  // the program's end of the pipe
    if (output == Output::kCapture) {
        std::array<int, 2> ends;
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            not_started_ = no_start("started", errno);
            return timeout_.fire_after(0);
        }
        pipe_ = abi::Fd(ends[0]);
        written = abi::Fd(ends[1]);
        fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
        posix_spawn_file_actions_adddup2(&settings.files, written.get(), STDOUT_FILENO);
    }
    const int error = posix_spawnp(&pid_, arguments.front(), &settings.files, &settings.attributes,
                                   arguments.data(), environ);
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
    if (pipe_)
        output_watch_ = std::make_unique<FdWatch>(loop_, pipe_.get(), FdWatch::Ready::kReadable,
                                                  [this] { read_output(); });
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

// Reads more than is kept, so that a program that writes much does not wait for a reader.
void Child::read_output() {
    std::array<char, 4096> buffer;
    const ssize_t size = read(pipe_.get(), buffer.data(), buffer.size());
    if (size > 0) {
        const std::size_t room = kMaxOutputBytes - output_.size();
        output_.append(buffer.data(), std::min(static_cast<std::size_t>(size), room));
    } else if (size == 0 || errno != EAGAIN) {
        output_watch_.reset();
        pipe_ = abi::Fd();
    }
}

// The callback may destroy this object.
void Child::end(ChildEnd end) {
    if (pipe_ && output_.empty())
        read_output();  // what came last: the end may be noticed before it
    end.output = std::move(output_);
    timeout_.cancel();
    watch_.reset();
    output_watch_.reset();
    pipe_ = abi::Fd();
    process_ = abi::Fd();
    pid_ = 0;
    const OnEnd on_end = on_end_;
    on_end(end);
}

int Child::kill_and_reap() {
    kill(-pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
}

}  // namespace vipfwd
