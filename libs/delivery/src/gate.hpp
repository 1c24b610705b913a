#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace bongsu::delivery {

/// Holds a channel's calls back while the provider refuses our credentials. While it is shut one
/// record at a time may try, after 1 s, 2 s, … up to 60 s; the first that succeeds opens it for all.
/// Pure: time is passed in.
class Gate {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  bool lets_through(Moment now) const { return open_ || (!probing_ && now >= next_probe_); }
  /// After lets_through(): when the gate is shut the caller is the probe, and must tell succeeded(),
  /// refused() or abandoned().
  void pass() { probing_ = !open_; }
  /// True when it was shut.
  bool succeeded() {
    ++successes_;
    probing_ = false;
    pause_ = kFirstPause;
    return !std::exchange(open_, true);
  }
  /// True when it was open. What was under way when it was shut tells nothing new: only a probe's refusal
  /// makes the pause longer.
  bool refused(Moment now, bool was_probe) {
    const bool was_open = std::exchange(open_, false);
    if (!was_open && !was_probe) return false;
    if (was_probe) probing_ = false;
    if (!was_open) pause_ = std::min(pause_ * 2, kLongestPause);
    next_probe_ = now + pause_;
    return was_open;
  }
  /// The probe ended without telling anything about our credentials.
  void abandoned() { probing_ = false; }
  /// How often a call has succeeded: who was refused dies when others have succeeded since.
  std::uint64_t successes() const { return successes_; }
  bool is_open() const { return open_; }

 private:
  static constexpr std::chrono::milliseconds kFirstPause{1'000};
  static constexpr std::chrono::milliseconds kLongestPause{60'000};

  bool open_ = true;
  bool probing_ = false;
  std::uint64_t successes_ = 0;
  std::chrono::milliseconds pause_ = kFirstPause;
  Moment next_probe_;
};

}  // namespace bongsu::delivery
