#pragma once
#include <bongsu/delivery/controls.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bongsu::delivery {

/// The last that was said of each job. Pure.
class JobTable {
 public:
  /// A revision smaller than the last one seen of the job is ignored.
  void note(std::string_view job, std::uint64_t revision, JobState state);
  /// Nothing is known of the job any more.
  void forget(std::string_view job);

  JobState state_of(std::string_view job) const;
  std::size_t size() const { return jobs_.size(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Entry {
    std::uint64_t revision = 0;
    JobState state = JobState::kUnknown;
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> jobs_;
};

}  // namespace bongsu::delivery
