// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

// Independent streams of address_hash.
enum Purpose : std::uint64_t { kOffset = 0x10001, kSkip = 0x10002, kTie = 0x10003 };

struct Candidate {
    RingMember member;
    std::uint32_t quota = 0;   // slots it is to get
    std::uint32_t offset = 0;  // the slot it prefers to all others
    std::uint32_t skip = 0;    // from one preferred slot to the next
};

// Each member's share of the slots: rounded down, then the slots left over one each to the largest
// fractions (Hamilton's method), so that nobody is a whole slot away from the exact share.
void assign_quotas(std::vector<Candidate>& candidates, const abi::HashKey& key,
                   std::uint64_t slots) {
    const std::uint64_t weights = std::accumulate(
        candidates.begin(), candidates.end(), std::uint64_t{0},
        [](std::uint64_t sum, const Candidate& c) { return sum + c.member.weight; });
    struct Fraction {
        std::uint64_t remainder;
        std::uint64_t tie;
        std::size_t candidate;
    };
    std::vector<Fraction> fractions;
    fractions.reserve(candidates.size());
    std::uint64_t left = slots;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::uint64_t share = slots * candidates[i].member.weight;
        candidates[i].quota = static_cast<std::uint32_t>(share / weights);
        left -= candidates[i].quota;
        const std::uint64_t tie = abi::address_hash(candidates[i].member.address, kTie, key);
        fractions.push_back({share % weights, tie, i});
    }
    const auto larger = [](const Fraction& a, const Fraction& b) {
        return a.remainder != b.remainder ? a.remainder > b.remainder : a.tie > b.tie;
    };
    std::nth_element(fractions.begin(), fractions.begin() + static_cast<std::ptrdiff_t>(left),
                     fractions.end(), larger);
    for (std::uint64_t i = 0; i < left; ++i)
        ++candidates[fractions[i].candidate].quota;
}

// Kept from one ring to the next: for the kernel to give fresh pages takes as long as the ring.
struct Scratch {
    std::vector<std::uint32_t> place;  // of the next turn, by moment
    std::vector<std::uint16_t> turns;  // indices of candidates, of which there are below 2^16
};

// Who takes a slot when. The k-th of a member's q turns is due at (k + 1/2) / q of the way, so that
// weights are spread evenly from the first slot to the last; a counting sort over `slots` moments
// puts them in order.
std::span<const std::uint16_t> order_turns(const std::vector<Candidate>& candidates,
                                           std::uint32_t slots, Scratch& scratch) {
    const auto for_each_turn = [&](auto take) {
        for (std::uint32_t i = 0; i < candidates.size(); ++i) {
            if (candidates[i].quota == 0)
                continue;
            const std::uint64_t half_step = (std::uint64_t{slots} << 31) / candidates[i].quota;
            for (std::uint64_t k = 0; k < candidates[i].quota; ++k)
                take(static_cast<std::uint32_t>(half_step * (2 * k + 1) >> 32), i);
        }
    };
    std::vector<std::uint32_t>& place = scratch.place;
    place.assign(slots + 1, 0);
    for_each_turn([&](std::uint32_t moment, std::uint32_t) { ++place[moment + 1]; });
    std::partial_sum(place.begin(), place.end(), place.begin());
    scratch.turns.resize(slots);
    for_each_turn([&](std::uint32_t moment, std::uint32_t i) {
        scratch.turns[place[moment]++] = static_cast<std::uint16_t>(i);
    });
    return scratch.turns;
}

std::vector<Candidate> make_candidates(std::span<const RingMember> members, const abi::HashKey& key,
                                       std::uint32_t slots) {
    std::vector<Candidate> candidates;
    candidates.reserve(members.size());
    for (const RingMember& member : members) {
        const std::uint64_t offset = abi::address_hash(member.address, kOffset, key);
        const std::uint64_t skip = abi::address_hash(member.address, kSkip, key);
        candidates.push_back({member, 0, static_cast<std::uint32_t>(offset % slots),
                              static_cast<std::uint32_t>(skip % (slots - 1) + 1)});
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.member.address < b.member.address;
    });
    return candidates;
}

// The last slots, to find which by trying takes almost half of all tries.
constexpr std::size_t kFewSlots = 128;

// Slots as fractions of the ring, in 2^-64: to go round it takes an addition that wraps by itself.
// A fraction is off by less than 2^-64 for each slot gone by, and no candidate goes round more
// often than there are slots, so that with fewer than 2^20 slots it never gets to the next one.
class Circle {
  public:
    explicit Circle(std::uint32_t slots) : slots_(slots), unit_(~std::uint64_t{0} / slots + 1) {}

    std::uint64_t fraction(std::uint32_t slots) const { return slots * unit_; }
    std::uint32_t slot(std::uint64_t fraction) const {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint32_t>(static_cast<Wide>(fraction) * slots_ >> 64);
    }

    // How often a skip of so many slots goes on by one (Fermat's little theorem): from a slot to
    // one `d` further on it is d * inverse(skip) skips, and as fractions these have the same order.
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

// Gives candidates the slots they prefer among those that are left.
class Filling {
  public:
    // All slots are to hold kNoBackend.
    Filling(const std::vector<Candidate>& candidates, std::span<std::uint16_t> slots)
        : circle_(static_cast<std::uint32_t>(slots.size())), slots_(slots) {
        walks_.reserve(candidates.size());
        for (const Candidate& one : candidates) {
            walks_.push_back(
                {circle_.fraction(one.offset), circle_.fraction(one.skip), one.member.index});
        }
    }

    void take(std::uint16_t candidate) {
        Walk& walk = walks_[candidate];
        std::uint64_t at = walk.at;
        std::uint32_t free = free_of_next(at, walk.skip);
        for (; free == 0; free = free_of_next(at, walk.skip))
            at += kAtOnce * walk.skip;
        at += static_cast<std::uint32_t>(std::countr_zero(free)) * walk.skip;
        slots_[circle_.slot(at)] = walk.index;
        walk.at = at + walk.skip;
    }

    // To be called when few slots are left, before the first take_of_few().
    void list_free() {
        for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
            if (slots_[slot] == abi::kNoBackend)
                free_.push_back(slot);
        }
    }

    // The same as take(), in time that goes with the number of slots that are left: which of them
    // is fewest skips away?
    void take_of_few(std::uint16_t candidate) {
        Walk& walk = walks_[candidate];
        const std::uint32_t here = circle_.slot(walk.at);
        const std::uint64_t one_slot = circle_.fraction(circle_.inverse(circle_.slot(walk.skip)));
        const auto skips_to = [&](std::uint32_t slot) {
            return (std::uint64_t{slot} - here) * one_slot;
        };
        std::size_t nearest = 0;
        std::uint64_t least = skips_to(free_[0]);
        for (std::size_t i = 1; i < free_.size(); ++i) {
            const std::uint64_t skips = skips_to(free_[i]);
            nearest = skips < least ? i : nearest;
            least = std::min(skips, least);
        }
        slots_[free_[nearest]] = walk.index;
        walk.at = circle_.fraction(free_[nearest]) + walk.skip;
        free_[nearest] = free_.back();
        free_.pop_back();
    }

  private:
    static constexpr std::uint32_t kAtOnce = 4;

    // Which of the next slots are free, as bits: a processor looks at some faster than it finds out
    // that it guessed wrong how many there are to look at.
    std::uint32_t free_of_next(std::uint64_t at, std::uint64_t skip) const {
        static_assert(kAtOnce == 4);
        return is_free(at) | is_free(at + skip) << 1 | is_free(at + 2 * skip) << 2 |
               is_free(at + 3 * skip) << 3;
    }
    std::uint32_t is_free(std::uint64_t at) const {
        return slots_[circle_.slot(at)] == abi::kNoBackend ? 1 : 0;
    }

    // Round the ring, from one preferred slot to the next.
    struct Walk {
        std::uint64_t at = 0;
        std::uint64_t skip = 0;
        std::uint16_t index = 0;
    };

    Circle circle_;
    std::span<std::uint16_t> slots_;
    std::vector<Walk> walks_;
    std::vector<std::uint32_t> free_;
};

}  // namespace

void build_ring(std::span<const RingMember> members, const abi::HashKey& key,
                std::span<std::uint16_t> slots) {
    std::fill(slots.begin(), slots.end(), abi::kNoBackend);
    if (members.empty())
        return;
    const auto slot_count = static_cast<std::uint32_t>(slots.size());
    std::vector<Candidate> candidates = make_candidates(members, key, slot_count);
    assign_quotas(candidates, key, slot_count);
    Filling filling(candidates, slots);
    thread_local Scratch scratch;
    const std::span turns = order_turns(candidates, slot_count, scratch);
    const std::size_t few = std::min(kFewSlots, turns.size());
    for (const std::uint16_t turn : turns.first(turns.size() - few))
        filling.take(turn);
    filling.list_free();
    for (const std::uint16_t turn : turns.last(few))
        filling.take_of_few(turn);
}

}  // namespace vipfwd::table
