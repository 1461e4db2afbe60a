// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/xdp_footprint.h"

#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kBpfPrefixes{"anon_inode:bpf", "anon_inode:btf"};
constexpr std::uint64_t kAddressBits = 48;  // above: the offset of the data within the buffer

struct Mapping {
    const std::uint8_t* start = nullptr;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;  // XDP_PGOFF_RX_RING and the like
};

// One line of /proc/self/maps: "7f0000000000-7f0000009000 rw-s 100000000 00:09 1234 socket:[1234]".
std::optional<Mapping> parse_mapping(const std::string& line, const std::string& socket) {
    std::istringstream text(line);
    std::string range, rights, offset, device, inode, name;
    text >> range >> rights >> offset >> device >> inode >> name;
    const std::size_t dash = range.find('-');
    if (name != socket || dash == std::string::npos)
        return std::nullopt;
    const auto number = [](const std::string& hex) { return std::stoull(hex, nullptr, 16); };
    const std::uint64_t start = number(range.substr(0, dash));
    return Mapping{reinterpret_cast<const std::uint8_t*>(start),
                   number(range.substr(dash + 1)) - start, number(offset)};
}

std::vector<Mapping> mappings_of(const std::string& socket) {
    std::ifstream maps("/proc/self/maps");
    std::vector<Mapping> found;
    for (std::string line; std::getline(maps, line);) {
        if (const auto mapping = parse_mapping(line, socket))
            found.push_back(*mapping);
    }
    return found;
}

std::uint32_t load_index(const std::uint8_t* place) {
    return std::atomic_ref(*reinterpret_cast<std::uint32_t*>(const_cast<std::uint8_t*>(place)))
        .load(std::memory_order_acquire);
}

// Adds what is between the consumer and the producer of a ring with entries of `entry_bytes`, of
// which the first 8 are an address. The number of entries is the largest power of two that fits: a
// mapping is less than a page longer than its ring, and the driver's rings are longer than a page.
void add_entries(const Mapping& ring, const xdp_ring_offset& offsets, std::uint64_t entry_bytes,
                 std::vector<std::uint64_t>& buffers) {
    std::uint64_t entries = 1;
    while (offsets.desc + 2 * entries * entry_bytes <= ring.bytes)
        entries *= 2;
    const std::uint32_t producer = load_index(ring.start + offsets.producer);
    const std::uint32_t consumer = load_index(ring.start + offsets.consumer);
    if (producer - consumer > entries)
        return;
    for (std::uint32_t i = consumer; i != producer; ++i) {
        std::uint64_t address = 0;
        std::memcpy(&address, ring.start + offsets.desc + (i & (entries - 1)) * entry_bytes,
                    sizeof address);
        buffers.push_back(address & ((std::uint64_t{1} << kAddressBits) - 1));
    }
}

void add_buffers(int fd, const std::string& socket, std::vector<std::uint64_t>& buffers) {
    xdp_mmap_offsets offsets{};
    socklen_t size = sizeof offsets;
    if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) != 0)
        return;  // another kind of socket
    for (const Mapping& ring : mappings_of(socket)) {
        if (ring.offset == XDP_PGOFF_RX_RING)
            add_entries(ring, offsets.rx, sizeof(xdp_desc), buffers);
        else if (ring.offset == XDP_PGOFF_TX_RING)
            add_entries(ring, offsets.tx, sizeof(xdp_desc), buffers);
        else if (ring.offset == XDP_UMEM_PGOFF_FILL_RING)
            add_entries(ring, offsets.fr, sizeof(std::uint64_t), buffers);
        else if (ring.offset == XDP_UMEM_PGOFF_COMPLETION_RING)
            add_entries(ring, offsets.cr, sizeof(std::uint64_t), buffers);
    }
}

bool is_xdp_socket(int fd) {
    int domain = 0;
    socklen_t size = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_XDP;
}

bool is_leaked(int fd, const std::string& what) {
    const auto is_prefix = [&](std::string_view prefix) { return what.starts_with(prefix); };
    return std::ranges::any_of(kBpfPrefixes, is_prefix) || is_xdp_socket(fd);
}

}  // namespace

XdpFootprint::XdpFootprint() : descriptors_(find()) {}

XdpFootprint::Descriptors XdpFootprint::find_others(const Descriptors& known) {
    Descriptors opened = find();
    std::erase_if(opened, [&known](const auto& one) {
        const auto before = known.find(one.first);
        return before != known.end() && before->second == one.second;
    });
    return opened;
}

void XdpFootprint::complete() {
    descriptors_ = find_others(descriptors_);
}

int XdpFootprint::take_socket() {
    Descriptors opened = find_others(descriptors_);
    std::erase_if(opened, [this](const auto& one) {
        return !is_xdp_socket(one.first) || sockets_.contains(one.first);
    });
    const int socket = opened.size() == 1 ? opened.begin()->first : -1;
    sockets_.merge(opened);
    return socket;
}

std::vector<std::uint64_t> XdpFootprint::buffers() const {
    std::vector<std::uint64_t> buffers;
    for (const auto& [fd, what] : descriptors_)
        add_buffers(fd, what, buffers);
    return buffers;
}

// A number that the driver has closed may be another descriptor by now, but none of these kinds.
void XdpFootprint::close_descriptors() {
    const Descriptors now = find();
    for (const auto& [fd, what] : descriptors_) {
        const auto found = now.find(fd);
        if (found != now.end() && found->second == what && is_leaked(fd, what))
            close(fd);
    }
    descriptors_.clear();
}

XdpFootprint::Descriptors XdpFootprint::find() {
    Descriptors found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd", error)) {
        const std::string name = entry.path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        const std::string what = fs::read_symlink(entry.path(), error).string();
        if (!error)
            found.emplace(fd, what);
    }
    return found;
}

}  // namespace vipfwd::host
