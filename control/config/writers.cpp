// SPDX-License-Identifier: Apache-2.0
#include "control/config/writers.h"

#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <utility>
#include <vector>

#include "control/config/secret.h"
#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as in the kernel

bool others_may_write(const struct stat& status) {
    return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

// Follows a path from the root, component by component, as the kernel does.
class PathWalk {
  public:
    PathWalk(const fs::path& path, std::span<const uid_t> owners) : owners_(owners) {
        prepend(path);
    }

    std::optional<std::string> find_other_writer() {
        if (auto found = examine(here_))
            return found;
        while (!rest_.empty()) {
            const fs::path name = rest_.front();
            rest_.pop_front();
            if (name == "..")
                here_ = here_.parent_path();
            else if (auto found = step(here_ / name))
                return found;
            if (missing_)
                return std::nullopt;
        }
        return std::nullopt;
    }

  private:
    void prepend(const fs::path& path) {
        std::vector<fs::path> names;
        for (const fs::path& name : path.relative_path()) {
            if (!name.empty() && name != ".")
                names.push_back(name);
        }
        rest_.insert(rest_.begin(), names.begin(), names.end());
        if (path.is_absolute())
            here_ = "/";
    }

    std::optional<std::string> step(const fs::path& next) {
        struct stat status {};
        if (lstat(next.c_str(), &status) != 0) {
            missing_ = true;
            return may_be_created();
        }
        if (!S_ISLNK(status.st_mode)) {
            here_ = next;
            return examine(next);
        }
        if (auto found = wrong_owner(next, status))
            return found;
        std::array<char, PATH_MAX> target;
        const ssize_t length = readlink(next.c_str(), target.data(), target.size());
        if (length <= 0 || ++links_ > kMaxLinks) {
            missing_ = true;
            return std::nullopt;
        }
        prepend(std::string(target.data(), static_cast<std::size_t>(length)));
        return std::nullopt;
    }

    // Of something that is not a link.
    std::optional<std::string> examine(const fs::path& path) {
        struct stat status {};
        if (lstat(path.c_str(), &status) != 0)
            return std::nullopt;
        if (auto found = wrong_owner(path, status))
            return found;
        const bool is_sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
        if (others_may_write(status) && !is_sticky)
            return fmt::format("others may write to {} (mode {:04o}); chmod go-w it",
                               text::quote(path.string()), status.st_mode & 07777);
        return std::nullopt;
    }

    std::optional<std::string> wrong_owner(const fs::path& path, const struct stat& status) {
        if (status.st_uid == 0 || std::ranges::find(owners_, status.st_uid) != owners_.end())
            return std::nullopt;
        return fmt::format("{} belongs to user {}, who may change it; chown it to root",
                           text::quote(path.string()), status.st_uid);
    }

    std::optional<std::string> may_be_created() {
        struct stat status {};
        if (stat(here_.c_str(), &status) != 0 || !others_may_write(status))
            return std::nullopt;
        return fmt::format("it does not exist, and others may create it in {}",
                           text::quote(here_.string()));
    }

    std::span<const uid_t> owners_;
    fs::path here_ = "/";
    std::deque<fs::path> rest_;
    int links_ = 0;
    bool missing_ = false;
};

void check_script(const std::vector<std::string>& words, const std::optional<ScriptUser>& user,
                  Location where, Report& report) {
    if (words.empty() || !words.front().starts_with('/'))
        return;
    const std::array owners = {geteuid(), user ? user->uid : geteuid()};
    if (const auto found = other_writer(words.front(), owners))
        report.error(where, "script {} is not run: {}", text::quote(words.front()), *found);
}

}  // namespace

std::optional<std::string> other_writer(const std::string& path, std::span<const uid_t> owners) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    return PathWalk(error ? fs::path(path) : absolute, owners).find_other_writer();
}

void check_writers(const Draft* draft, const std::string& config_path, Report& report) {
    const std::array owners = {geteuid()};
    if (const auto found = other_writer(config_path, owners))
        report.error({}, "this configuration is not used: {}", *found);
    if (draft == nullptr)
        return;
    const auto check_secret = [&](std::string_view key, const std::string& file, Location where) {
        if (!where.is_set())
            return;
        if (const auto found = other_writer(secret_path(file, config_path), owners))
            report.error(where, "{} is not used: {}", key, *found);
    };
    check_secret("seed_file", draft->gateway.gateway.seed_file, draft->gateway.at.seed_file);
    for (const GroupDraft& group : draft->groups) {
        check_secret("auth_key_file", group.group.auth_key_file, group.at.auth_key_file);
        check_secret("auth_second_key_file", group.group.auth_second_key_file,
                     group.at.auth_second_key_file);
        for (const TrackDraft& track : group.tracks)
            check_script(track.track.script, track.track.user, track.at.script, report);
    }
    for (const PoolDraft& pool : draft->pools) {
        const Check& check = pool.pool.check;
        check_secret("password_file", check.password_file, pool.at.check_password_file);
        check_script(check.command, check.run_as, pool.at.check_command, report);
    }
}

}  // namespace vipfwd::config
