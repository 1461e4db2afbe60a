// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "control/table/ring_quotas.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

// Streams of address_hash(), which are independent of each other. ring_quotas.cpp uses one more.
enum Purpose : std::uint64_t { kOffset = 0x10001, kSkip = 0x10002 };

struct Candidate {
    RingMember member;
    std::uint32_t quota = 0;   // how many slots it gets
    std::uint32_t offset = 0;  // the first slot of its permutation
    std::uint32_t skip = 0;    // the distance from one slot of its permutation to the next
};

// Kept from one ring to the next: page faults of fresh memory would take as long as the ring.
struct Scratch {
    std::vector<std::uint32_t> with_quota;  // how many candidates have a quota
    std::vector<std::uint32_t> position;    // of the next turn, by time
    std::vector<std::uint16_t> turns;       // indices of candidates, which are fewer than 2^16
};

// Calls `take` with the time of each turn of a candidate with that quota. There are as many times
// as slots; the k-th of the candidate's turns is at (k + 1/2) / quota of them.
template <typename Take>
void for_each_turn_time(std::uint32_t quota, std::uint32_t slots, Take take) {
    if (quota == 0)
        return;
    const std::uint64_t half_step = (std::uint64_t{slots} << 31) / quota;
    for (std::uint64_t k = 0; k < quota; ++k)
        take(static_cast<std::uint32_t>(half_step * (2 * k + 1) >> 32));
}

// The order in which candidates choose slots, one slot a turn. The turns of each candidate are
// spread evenly from first to last. A counting sort by time; candidates with the same quota, nearly
// all in most rings, are counted together.
std::span<const std::uint16_t> order_turns(const std::vector<Candidate>& candidates,
                                           std::uint32_t slots, Scratch& scratch) {
    std::vector<std::uint32_t>& with_quota = scratch.with_quota;
    with_quota.clear();
    for (const Candidate& one : candidates) {
        with_quota.resize(std::max<std::size_t>(with_quota.size(), one.quota + 1));
        ++with_quota[one.quota];
    }
    std::vector<std::uint32_t>& position = scratch.position;
    position.assign(slots + 1, 0);
    for (std::uint32_t quota = 0; quota < with_quota.size(); ++quota) {
        if (with_quota[quota] == 0)
            continue;
        for_each_turn_time(quota, slots,
                           [&](std::uint32_t time) { position[time + 1] += with_quota[quota]; });
    }
    std::partial_sum(position.begin(), position.end(), position.begin());
    scratch.turns.resize(slots);
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
        for_each_turn_time(candidates[i].quota, slots, [&](std::uint32_t time) {
            scratch.turns[position[time]++] = static_cast<std::uint16_t>(i);
        });
    }
    return scratch.turns;
}

std::vector<Candidate> make_candidates(std::span<const RingMember> members, const abi::HashKey& key,
                                       std::uint32_t slots) {
    std::vector<Candidate> candidates;
    candidates.reserve(members.size());
    const std::vector<std::uint32_t> quotas = ring_quotas(members, key, slots);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const RingMember& member = members[i];
        const std::uint64_t offset = abi::address_hash(member.address, kOffset, key);
        const std::uint64_t skip = abi::address_hash(member.address, kSkip, key);
        candidates.push_back({member, quotas[i], static_cast<std::uint32_t>(offset % slots),
                              static_cast<std::uint32_t>(skip % (slots - 1) + 1)});
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.member.address < b.member.address;
    });
    return candidates;
}

// To find the last free slots by probing would take almost half of all probes.
constexpr std::size_t kFewSlots = 128;

// Slots as fractions of the ring, in units of 2^-64, so that an addition wraps around the ring by
// itself. A step of one slot adds an error of less than 2^-64, and no candidate goes around more
// often than there are slots: with fewer than 2^20 slots the error never reaches the next slot.
class Circle {
  public:
    explicit Circle(std::uint32_t slots) : slots_(slots), unit_(~std::uint64_t{0} / slots + 1) {}

    std::uint64_t fraction(std::uint32_t slots) const { return slots * unit_; }
    std::uint32_t slot(std::uint64_t fraction) const {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint32_t>(static_cast<Wide>(fraction) * slots_ >> 64);
    }

    // How many skips lead to the next slot (the inverse of `skip` modulo the prime number of slots,
    // by Fermat's little theorem). So d * inverse(skip) skips lead `d` slots further; compared as
    // fractions, such products have the same order.
    std::uint32_t inverse(std::uint32_t skip) const {
        std::uint64_t result = 1;
        std::uint64_t power = skip;
        for (std::uint32_t bits = slots_ - 2; bits != 0; bits >>= 1) {
            if ((bits & 1) != 0)
                result = result * power % slots_;
            power = power * power % slots_;
        }
        return static_cast<std::uint32_t>(result);
    }

  private:
    std::uint32_t slots_;
    std::uint64_t unit_;
};

// Which slots are free. One byte each: that is less memory to read than the slots themselves, and
// takes fewer instructions than bits.
class FreeSlots {
  public:
    explicit FreeSlots(std::uint32_t slots) : free_(slots, 1) {}

    // 1 or 0.
    std::uint32_t at(std::uint32_t slot) const { return free_[slot]; }
    void mark_taken(std::uint32_t slot) { free_[slot] = 0; }

    // The free slots. Fast if they are few, because memchr() skips many others at once.
    std::vector<std::uint32_t> list() const {
        std::vector<std::uint32_t> slots;
        const std::uint8_t* const start = free_.data();
        std::size_t from = 0;
        while (const void* next = std::memchr(start + from, 1, free_.size() - from)) {
            const auto slot =
                static_cast<std::size_t>(static_cast<const std::uint8_t*>(next) - start);
            slots.push_back(static_cast<std::uint32_t>(slot));
            from = slot + 1;
        }
        return slots;
    }

  private:
    std::vector<std::uint8_t> free_;
};

// Assigns slots: a candidate gets the first slot of its permutation that is still free.
class RingFiller {
  public:
    RingFiller(const std::vector<Candidate>& candidates, std::span<std::uint16_t> slots)
        : circle_(static_cast<std::uint32_t>(slots.size())),
          slots_(slots),
          free_(static_cast<std::uint32_t>(slots.size())) {
        permutations_.reserve(candidates.size());
        for (const Candidate& one : candidates) {
            permutations_.push_back({.next = circle_.fraction(one.offset),
                                     .skip = circle_.fraction(one.skip),
                                     .one_slot = 0,
                                     .index = one.member.index});
        }
    }

    // Probes `kAtOnce` slots of the permutation together: that is faster than a mispredicted branch
    // after one of them. The fewer slots are free, the more probes a candidate needs.
    template <std::uint32_t kAtOnce>
    void assign_next(std::uint16_t candidate) {
        Permutation& permutation = permutations_[candidate];
        std::uint64_t next = permutation.next;
        const auto probe = [&] {
            return free_among(next, permutation.skip,
                              std::make_integer_sequence<std::uint32_t, kAtOnce>());
        };
        std::uint32_t free = probe();
        for (; free == 0; free = probe())
            next += kAtOnce * permutation.skip;
        next += static_cast<std::uint32_t>(std::countl_zero(free)) * permutation.skip;
        assign(circle_.slot(next), permutation);
        permutation.next = next + permutation.skip;
    }

    // Call this when few slots are free, before the first assign_next_of_few().
    void list_free() { few_ = free_.list(); }

    // The same as assign_next(), in time proportional to the number of free slots: finds the free
    // slot that is the fewest skips away.
    void assign_next_of_few(std::uint16_t candidate) {
        Permutation& permutation = permutations_[candidate];
        if (permutation.one_slot == 0)
            permutation.one_slot =
                circle_.fraction(circle_.inverse(circle_.slot(permutation.skip)));
        const std::uint32_t here = circle_.slot(permutation.next);
        const auto skips_to = [&](std::uint32_t slot) {
            return (std::uint64_t{slot} - here) * permutation.one_slot;
        };
        std::size_t nearest = 0;
        std::uint64_t least = skips_to(few_[0]);
        for (std::size_t i = 1; i < few_.size(); ++i) {
            const std::uint64_t skips = skips_to(few_[i]);
            nearest = skips < least ? i : nearest;
            least = std::min(skips, least);
        }
        assign(few_[nearest], permutation);
        permutation.next = circle_.fraction(few_[nearest]) + permutation.skip;
        few_[nearest] = few_.back();
        few_.pop_back();
    }

  private:
    // All slots in the order in which a candidate prefers them. Distances are fractions.
    struct Permutation {
        std::uint64_t next = 0;  // the first slot that was not probed yet
        std::uint64_t skip = 0;
        std::uint64_t one_slot = 0;  // the number of skips to the next slot; 0: not known yet
        std::uint16_t index = 0;     // of the member
    };

    // Which of the next slots are free, as bits from the highest down.
    template <std::uint32_t... kNext>
    std::uint32_t free_among(std::uint64_t first, std::uint64_t skip,
                             std::integer_sequence<std::uint32_t, kNext...>) const {
        std::uint32_t free = 0;
        ((free = 2 * free + free_.at(circle_.slot(first + kNext * skip))), ...);
        return free << (32 - sizeof...(kNext));
    }
    void assign(std::uint32_t slot, const Permutation& to) {
        slots_[slot] = to.index;
        free_.mark_taken(slot);
    }

    Circle circle_;
    std::span<std::uint16_t> slots_;
    FreeSlots free_;
    std::vector<Permutation> permutations_;  // by candidate
    std::vector<std::uint32_t> few_;         // the free slots, once list_free() was called
};

}  // namespace

void build_ring(std::span<const RingMember> members, const abi::HashKey& key,
                std::span<std::uint16_t> slots) {
    if (members.empty()) {
        std::fill(slots.begin(), slots.end(), abi::kNoBackend);
        return;
    }
    const auto slot_count = static_cast<std::uint32_t>(slots.size());
    const std::vector<Candidate> candidates = make_candidates(members, key, slot_count);
    RingFiller filler(candidates, slots);
    thread_local Scratch scratch;
    std::span turns = order_turns(candidates, slot_count, scratch);
    const auto take_turns = [&](std::size_t left, auto take) {
        const std::size_t count = turns.size() - std::min(left, turns.size());
        for (const std::uint16_t candidate : turns.first(count))
            take(candidate);
        turns = turns.subspan(count);
    };
    take_turns(slot_count / 4 * 3, [&](std::uint16_t one) { filler.assign_next<2>(one); });
    take_turns(slot_count / 10 * 3, [&](std::uint16_t one) { filler.assign_next<4>(one); });
    take_turns(kFewSlots, [&](std::uint16_t one) { filler.assign_next<8>(one); });
    filler.list_free();
    take_turns(0, [&](std::uint16_t one) { filler.assign_next_of_few(one); });
}

}  // namespace vipfwd::table
