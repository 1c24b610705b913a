#include <bongsu/delivery/job_table.hpp>

namespace bongsu::delivery {

void JobTable::note(std::string_view job, std::uint64_t revision, JobState state) {
  auto known = jobs_.find(job);
  if (known == jobs_.end()) known = jobs_.try_emplace(std::string{job}).first;
  if (revision < known->second.revision) return;
  known->second = {.revision = revision, .state = state};
}

void JobTable::forget(std::string_view job) {
  const auto known = jobs_.find(job);
  if (known != jobs_.end()) jobs_.erase(known);
}

JobState JobTable::state_of(std::string_view job) const {
  const auto known = jobs_.find(job);
  return known == jobs_.end() ? JobState::kUnknown : known->second.state;
}

}  // namespace bongsu::delivery
