#pragma once
#include "admission.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/delivery/next_step.hpp>

#include <functional>
#include <optional>

namespace bongsu::delivery {

/// How the calls of one attempt ended.
struct Attempted {
  Result<Receipt> last = fail(ErrorCode::kUnavailable, "the provider does not serve, no call was made");
  NextStep step;  ///< what follows the last call, when it failed
  std::uint32_t tries = 0;
  bool maybe = false;  ///< a call may have gone out without an answer
  std::chrono::milliseconds latency{0};
};

/// Calls the provider for one record, again and again within one attempt.
///
/// Before the first call, and after everything that had to be waited for, the record is claimed; right
/// before each call, with nothing awaited in between, the sender sees that the partition is still held
/// under the name that claimed it, that this name's lease outlasts the call's whole deadline, and that the
/// record's job is neither paused nor cancelled.
/// Threads: the io_context's one thread.
class Sender {
 public:
  /// Claims the record's offset. Nothing: it is claimed. False: the partition is not ours any more.
  using Claim = std::function<std::optional<asio::awaitable<bool>>()>;

  Sender(Admission& admission, Channel& channel, const Controls& controls, const Clock& clock, Random& random,
         const Settings& settings);

  /// `maybe`: a former owner may have sent it. Nothing: no outcome can be told for good (the partition went
  /// away before a call, or between two); the record is then left as it is.
  asio::awaitable<std::optional<Attempted>> attempt(Partition& partition, const Request& request, bool maybe,
                                                    Claim claim);

 private:
  struct Course;  // of one attempt

  static void note_call(Attempted& so_far, std::chrono::milliseconds took);
  /// What follows a failed call. Nothing: try again after the pause that this has waited for.
  asio::awaitable<bool> goes_on(Partition& partition, const Request& request, Course& course);
  std::optional<Attempted> given_up(const Partition& partition, const Request& request, Course course);
  NextStep last_step(const Error& failure, const SoFar& so_far);
  SoFar so_far(const Request& request, const Course& course) const;
  bool may_fall_back(const Request& request, const Course& course) const;
  bool expired(const Request& request) const;
  /// Whether its job is paused or cancelled, or it is too late: what follows is then in the course.
  bool is_called_off(const Request& request, Course& course) const;

  Admission& admission_;
  Channel& channel_;
  const Controls& controls_;
  const Clock& clock_;
  Random& random_;
  const Settings& settings_;
};

}  // namespace bongsu::delivery
