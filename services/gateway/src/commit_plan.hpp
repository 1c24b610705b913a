#pragma once
#include <bongsu/core/uuid.hpp>

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace bongsu::gateway {

/// Who of a batch goes out now, and who waits for them.
struct CommitPlan {
  std::vector<std::size_t> leaders;    ///< in the order of their first identity; no two share one
  std::vector<std::size_t> followers;  ///< each shares an identity with an earlier one
};

/// `identities(place)` gives an item's identities. The first item, in the order of `places`, that has
/// an identity leads. Pure.
template <class Identities>
CommitPlan plan_commit(const std::vector<std::size_t>& places, Identities identities) {
  CommitPlan plan;
  std::unordered_set<Uuid> taken;
  taken.reserve(places.size() * 2);
  for (const auto place : places) {
    const std::vector<Uuid>& own = identities(place);
    const bool shared =
        std::any_of(own.begin(), own.end(), [&](const Uuid& id) { return taken.contains(id); });
    taken.insert(own.begin(), own.end());
    (shared ? plan.followers : plan.leaders).push_back(place);
  }
  std::sort(plan.leaders.begin(), plan.leaders.end(),
            [&](std::size_t a, std::size_t b) { return identities(a).front() < identities(b).front(); });
  return plan;
}

}  // namespace bongsu::gateway
