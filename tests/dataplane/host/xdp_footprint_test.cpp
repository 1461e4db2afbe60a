// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/xdp_footprint.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "dataplane/abi/handover.h"
#include "tests/privilege.h"

namespace vipfwd::host {
namespace {

constexpr std::uint32_t kEntries = 2048;  // of each ring, as DPDK has them
constexpr std::size_t kMemoryBytes = 2 * kEntries * 4096;

// A ring of an AF_XDP socket that is not bound: nobody takes anything out.
class Ring {
  public:
    Ring(int fd, off_t which, const xdp_ring_offset& offsets, std::size_t entry_bytes)
        : offsets_(offsets),
          entry_bytes_(entry_bytes),
          mapped_bytes_(offsets.desc + kEntries * entry_bytes) {
        place_ = static_cast<std::uint8_t*>(
            mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, which));
        EXPECT_NE(place_, MAP_FAILED) << std::strerror(errno);
    }
    Ring(const Ring&) = delete;
    ~Ring() { munmap(place_, mapped_bytes_); }

    void push(std::uint64_t address) {
        auto* producer = reinterpret_cast<std::uint32_t*>(place_ + offsets_.producer);
        std::memcpy(place_ + offsets_.desc + *producer % kEntries * entry_bytes_, &address,
                    sizeof address);
        ++*producer;
    }
    void skip(std::uint32_t count) {
        *reinterpret_cast<std::uint32_t*>(place_ + offsets_.consumer) += count;
    }

  private:
    xdp_ring_offset offsets_;
    std::size_t entry_bytes_;
    std::size_t mapped_bytes_;
    std::uint8_t* place_;
};

class XdpFootprintTest : public testing::Test {
  protected:
    void SetUp() override { VIPFWD_REQUIRE_ROOT(); }

    // As a driver does.
    abi::Fd open_socket() {
        abi::Fd fd(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
        EXPECT_TRUE(fd) << std::strerror(errno);
        memory_ =
            mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        xdp_umem_reg memory{};
        memory.addr = reinterpret_cast<std::uint64_t>(memory_);
        memory.len = kMemoryBytes;
        memory.chunk_size = 4096;
        EXPECT_EQ(setsockopt(fd.get(), SOL_XDP, XDP_UMEM_REG, &memory, sizeof memory), 0)
            << std::strerror(errno);
        for (const int ring :
             {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING}) {
            EXPECT_EQ(setsockopt(fd.get(), SOL_XDP, ring, &kEntries, sizeof kEntries), 0);
        }
        socklen_t size = sizeof offsets_;
        EXPECT_EQ(getsockopt(fd.get(), SOL_XDP, XDP_MMAP_OFFSETS, &offsets_, &size), 0);
        return fd;
    }
    void TearDown() override {
        if (memory_ != nullptr)
            munmap(memory_, kMemoryBytes);
    }

    void* memory_ = nullptr;
    xdp_mmap_offsets offsets_{};
};

TEST_F(XdpFootprintTest, FindsTheBuffersInAllRings) {
    XdpFootprint footprint;
    const abi::Fd fd = open_socket();
    footprint.complete();
    Ring fill(fd.get(), XDP_UMEM_PGOFF_FILL_RING, offsets_.fr, 8);
    Ring completion(fd.get(), XDP_UMEM_PGOFF_COMPLETION_RING, offsets_.cr, 8);
    Ring receive(fd.get(), XDP_PGOFF_RX_RING, offsets_.rx, sizeof(xdp_desc));
    Ring transmit(fd.get(), XDP_PGOFF_TX_RING, offsets_.tx, sizeof(xdp_desc));
    fill.push(0x1000);
    fill.push(0x2000);
    fill.skip(1);
    completion.push(0x3000);
    receive.push(0x4000 | 0x180ull << 48);  // with an offset of the data
    transmit.push(0x5000 | 0x100ull << 48);
    std::vector<std::uint64_t> buffers = footprint.buffers();
    std::ranges::sort(buffers);
    EXPECT_EQ(buffers, (std::vector<std::uint64_t>{0x2000, 0x3000, 0x4000, 0x5000}));
}

TEST_F(XdpFootprintTest, ARingMayHaveWrappedAround) {
    XdpFootprint footprint;
    const abi::Fd fd = open_socket();
    footprint.complete();
    Ring fill(fd.get(), XDP_UMEM_PGOFF_FILL_RING, offsets_.fr, 8);
    for (std::uint64_t i = 0; i < kEntries + 10; ++i)
        fill.push(i * 4096);
    fill.skip(kEntries - 2);
    const std::vector<std::uint64_t> buffers = footprint.buffers();
    ASSERT_EQ(buffers.size(), 12u);
    EXPECT_EQ(buffers.front(), (kEntries - 2) * 4096u);
    EXPECT_EQ(buffers.back(), (kEntries + 9) * 4096u);
}

TEST_F(XdpFootprintTest, TellsWhichSocketWasOpenedLast) {
    const abi::Fd before = open_socket();
    XdpFootprint footprint;
    EXPECT_EQ(footprint.take_socket(), -1) << "the socket is older";
    const abi::Fd first(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    const abi::Fd other(socket(AF_INET, SOCK_DGRAM, 0));
    EXPECT_EQ(footprint.take_socket(), first.get());
    EXPECT_EQ(footprint.take_socket(), -1);
    const abi::Fd second(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    EXPECT_EQ(footprint.take_socket(), second.get());
    const abi::Fd third(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    const abi::Fd fourth(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    EXPECT_EQ(footprint.take_socket(), -1) << "two at once";
    EXPECT_EQ(footprint.take_socket(), -1);
}

TEST_F(XdpFootprintTest, LeavesSocketsAlone) {
    const abi::Fd before = open_socket();
    Ring fill(before.get(), XDP_UMEM_PGOFF_FILL_RING, offsets_.fr, 8);
    fill.push(0x1000);
    XdpFootprint footprint;
    footprint.complete();
    EXPECT_TRUE(footprint.buffers().empty()) << "the socket is older";
    footprint.close_descriptors();
    int domain = 0;
    socklen_t size = sizeof domain;
    EXPECT_EQ(getsockopt(before.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size), 0);
}

TEST_F(XdpFootprintTest, ClosesTheSocketsThatWereOpened) {
    XdpFootprint footprint;
    const int leaked = open_socket().release();
    const abi::Fd other(socket(AF_INET, SOCK_DGRAM, 0));
    footprint.complete();
    footprint.close_descriptors();
    EXPECT_FALSE(std::filesystem::exists("/proc/self/fd/" + std::to_string(leaked)));
    EXPECT_TRUE(std::filesystem::exists("/proc/self/fd/" + std::to_string(other.get())));
}

TEST_F(XdpFootprintTest, ClosesTheBpfDescriptorsThatWereOpened) {
    const auto make_map = [] {
        return bpf_map_create(BPF_MAP_TYPE_ARRAY, "footprint", 4, 4, 1, nullptr);
    };
    const auto is_open = [](int fd) {
        return std::filesystem::exists("/proc/self/fd/" + std::to_string(fd));
    };
    const abi::Fd older(make_map());
    XdpFootprint footprint;
    const int leaked = make_map();
    ASSERT_GE(leaked, 0) << std::strerror(errno);
    const int closed = make_map();
    footprint.complete();
    close(closed);
    const int reused = dup(STDERR_FILENO);
    ASSERT_EQ(reused, closed);
    footprint.close_descriptors();
    EXPECT_FALSE(is_open(leaked));
    EXPECT_TRUE(is_open(reused));
    EXPECT_TRUE(is_open(older.get()));
    close(reused);
}

}  // namespace
}  // namespace vipfwd::host
