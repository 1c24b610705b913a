#pragma once
#include <cstdint>
#include <string_view>

namespace bongsu::delivery {

/// What may be done for a job, as job.control says.
enum class JobState : std::uint8_t {
  kUnknown,  ///< nobody has said anything: an upstream's own job, or one that is long over
  kHeld,     ///< not started: what comes up waits
  kRunning,
  kPaused,     ///< what comes up waits
  kCancelled,  ///< what comes up is suppressed
  kEnded,      ///< what still comes up (a replay) is sent
};

/// What the jobs service says of its jobs, as this replica knows it. Asked before every call: no I/O.
/// Threads: the io_context's one thread. Lifetime: outlives its users.
class Controls {
 public:
  virtual ~Controls() = default;

  /// Whether all that had been said before this process began is known. Until then nothing of a job is sent.
  /// Stays true.
  virtual bool ready() const = 0;
  virtual JobState state_of(std::string_view job) const = 0;
};

/// Of a request that may belong to none: then nothing is looked up.
inline JobState state_of_job(const Controls& controls, std::string_view job) {
  return job.empty() ? JobState::kUnknown : controls.state_of(job);
}

}  // namespace bongsu::delivery
