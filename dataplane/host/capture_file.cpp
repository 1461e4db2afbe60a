// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/capture_file.h"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace vipfwd::host {
namespace {

constexpr std::uint64_t kFileHeaderBytes = 24;
constexpr std::uint64_t kRecordHeaderBytes = 16;

struct PcapCloser {
    void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Pcap = std::unique_ptr<pcap_t, PcapCloser>;

Error file_error(const std::string& path, const std::string& fault) {
    return Error{path + ": " + fault};
}

Error errno_error(const std::string& path, const char* action) {
    return file_error(path, std::string("cannot ") + action + ": " + std::strerror(errno));
}

std::optional<struct stat> stat_of(int fd) {
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0)
        return std::nullopt;
    return status;
}

bool is_regular(int fd) {
    const auto status = stat_of(fd);
    return status && S_ISREG(status->st_mode);
}

bool is_same_file(int one, int other) {
    const auto a = stat_of(one);
    const auto b = stat_of(other);
    return a && b && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

// The name of libpcap for a link type, and what to do if it is that of a capture on all interfaces.
std::string describe_link_type(int link_type) {
    const char* const name = pcap_datalink_val_to_name(link_type);
    std::string text = name != nullptr ? name : std::to_string(link_type);
    if (link_type == DLT_LINUX_SLL || link_type == DLT_LINUX_SLL2)
        text +=
            " (a capture on all interfaces, which lacks the Ethernet headers; capture on one "
            "of them, as with 'tcpdump -i eth0')";
    return text;
}

// Words for an error in the middle of a capture.
std::string describe_fault(std::string_view why, std::uint64_t packets) {
    const auto says = [&](const char* words) { return why.find(words) != std::string_view::npos; };
    if (says("different from the type of the first interface"))
        return "holds packets of several link types; extract those of one Ethernet interface, as "
               "with 'tshark -Y \"frame.interface_id == 0\"'";
    return (says("truncated") ? "truncated after " : "damaged after ") + std::to_string(packets) +
           " packets";
}

Result<void> check_readable(const std::string& path, int fd) {
    std::array<char, PCAP_ERRBUF_SIZE> fault{};
    const Pcap capture(pcap_open_offline(path_of(fd).c_str(), fault.data()));
    if (!capture)
        return file_error(path, "not a capture file: " + std::string(fault.data()));
    if (const int link_type = pcap_datalink(capture.get()); link_type != DLT_EN10MB)
        return file_error(
            path, "holds packets of link type " + describe_link_type(link_type) + ", not Ethernet");
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    std::uint64_t packets = 0;
    std::uint64_t cut = 0;
    int outcome = 0;
    while ((outcome = pcap_next_ex(capture.get(), &header, &bytes)) == 1) {
        ++packets;
        cut += header->caplen < header->len ? 1 : 0;
    }
    if (outcome != PCAP_ERROR_BREAK)
        return file_error(path, describe_fault(pcap_geterr(capture.get()), packets));
    if (cut > 0)
        spdlog::warn(
            "{}: {} of {} packets were cut when they were captured, and will be dropped; "
            "capture whole packets, as with 'tcpdump -s 0'",
            path, cut, packets);
    return {};
}

}  // namespace

Result<abi::Fd> open_capture(const std::string& path) {
    // Without blocking: a pipe may have no writer yet.
    abi::Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd)
        return errno_error(path, "read");
    const auto status = stat_of(fd.get());
    if (status && S_ISDIR(status->st_mode))
        return file_error(path, "is a directory, not a capture file");
    if (status && S_ISFIFO(status->st_mode))
        return file_error(path, "is a pipe, not a capture file");
    if (is_regular(fd.get())) {
        if (Result<void> readable = check_readable(path, fd.get()); !readable)
            return readable.error();
    }
    return fd;
}

Result<abi::Fd> create_capture(const std::string& path, int input) {
    abi::Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (!fd)
        return errno_error(path, "write");
    if (is_regular(fd.get()) && is_same_file(fd.get(), input))
        return file_error(path, "is the input, and would be overwritten");
    return fd;
}

Result<void> check_written(const std::string& path, int fd, std::uint64_t packets,
                           std::uint64_t bytes) {
    const auto status = stat_of(fd);
    if (!status || !S_ISREG(status->st_mode))
        return {};
    const std::uint64_t expected = kFileHeaderBytes + packets * kRecordHeaderBytes + bytes;
    const auto size = static_cast<std::uint64_t>(status->st_size);
    if (size >= expected)
        return {};
    return file_error(path, "only " + std::to_string(size) + " of " + std::to_string(expected) +
                                " bytes could be written: is the disk full?");
}

std::string path_of(int fd) {
    return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace vipfwd::host
