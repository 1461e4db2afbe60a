// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/lock.h"

#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace vipfwd::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait(1000);
constexpr milliseconds kPause(10);

// Whoever can write to the directory could take the lock, or replace its file.
Result<void> make_directory(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return system_error("cannot create the directory of locks " + path);
    struct stat there {};
    if (stat(path.c_str(), &there) != 0)
        return system_error("cannot examine the directory of locks " + path);
    if (!S_ISDIR(there.st_mode))
        return Error{path + " is not a directory, so it cannot hold locks"};
    if (!abi::is_trusted_user(there.st_uid))
        return Error{path +
                     " belongs to another user, who could hinder the dataplane: choose "
                     "another directory"};
    if ((there.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Error{path +
                     " is writable by other users, who could hinder the dataplane: chmod "
                     "go-w it"};
    return {};
}

// A renamed interface keeps its index.
Result<std::string> port_lock_name(const std::string& interface) {
    const unsigned index = if_nametoindex(interface.c_str());
    if (index == 0)
        return system_error("interface " + interface);
    struct stat network_namespace {};
    if (stat("/proc/self/ns/net", &network_namespace) != 0)
        return system_error("cannot examine the network namespace");
    return "port-" + std::to_string(network_namespace.st_ino) + "-" + std::to_string(index) +
           ".lock";
}

}  // namespace

Result<std::optional<abi::FileLock>> take_lock(const std::string& directory,
                                               const std::string& name, mode_t mode) {
    if (Result<void> made = make_directory(directory, mode); !made)
        return made.error();
    for (milliseconds waited{0};; waited += kPause) {
        Result<std::optional<abi::FileLock>> lock = abi::FileLock::try_take(directory + "/" + name);
        if (!lock || lock->has_value() || waited >= kLongestWait)
            return lock;
        std::this_thread::sleep_for(kPause);
    }
}

Result<std::string> lock_directory() {
    if (const char* chosen = std::getenv("VIPFWD_LOCK_DIR"); chosen != nullptr && *chosen != '\0')
        return std::string(chosen);
    if (geteuid() == 0)
        return std::string("/run/vipfwd-locks");
    if (const char* own = std::getenv("XDG_RUNTIME_DIR"); own != nullptr && *own != '\0')
        return std::string(own) + "/vipfwd-locks";
    return Error{
        "nowhere to keep locks: set VIPFWD_LOCK_DIR to a directory that only this user "
        "can write to"};
}

Result<std::optional<abi::FileLock>> lock_run_directory(const std::string& run_directory) {
    return take_lock(run_directory, "dataplane.lock", 0755);
}

Result<std::optional<abi::FileLock>> lock_interface(const std::string& interface) {
    const Result<std::string> directory = lock_directory();
    if (!directory)
        return directory.error();
    const Result<std::string> name = port_lock_name(interface);
    if (!name)
        return name.error();
    return take_lock(*directory, *name, 0700);
}

}  // namespace vipfwd::host
