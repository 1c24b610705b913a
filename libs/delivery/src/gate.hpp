#pragma once
#include <bongsu/core/signal.hpp>

#include <chrono>
#include <cstdint>

namespace bongsu::delivery {

/// Holds a channel's calls back while the provider refuses our credentials. While it is shut one
/// record at a time may try, after 1 s, 2 s, … up to 60 s; the first that succeeds opens it for all.
/// Threads: the io_context's one thread.
class Gate {
 public:
  explicit Gate(const asio::any_io_executor& executor) : changed_(executor) {}

  /// Whether a call may go out now. When true and the gate is shut, the caller is the probe: it must
  /// tell succeeded(), refused() or abandoned().
  bool try_pass(std::chrono::steady_clock::time_point now) {
    if (open_) return true;
    if (probing_ || now < next_probe_) return false;
    probing_ = true;
    return true;
  }
  void succeeded() {
    ++successes_;
    probing_ = false;
    if (open_) return;
    open_ = true;
    pause_ = kFirstPause;
    changed_.notify_all();
  }
  /// True when it was open: the caller raises the alert.
  bool refused(std::chrono::steady_clock::time_point now) {
    const bool was_open = std::exchange(open_, false);
    probing_ = false;
    if (!was_open) pause_ = std::min(pause_ * 2, kLongestPause);
    next_probe_ = now + pause_;
    changed_.notify_all();
    return was_open;
  }
  /// The probe ended without telling anything about our credentials.
  void abandoned() {
    probing_ = false;
    changed_.notify_all();
  }
  /// How often a call has succeeded: who was refused dies when others have succeeded since.
  std::uint64_t successes() const { return successes_; }
  bool is_open() const { return open_; }

  asio::awaitable<bool> wait_for(std::chrono::milliseconds duration) { return changed_.wait_for(duration); }

 private:
  static constexpr std::chrono::milliseconds kFirstPause{1'000};
  static constexpr std::chrono::milliseconds kLongestPause{60'000};

  bool open_ = true;
  bool probing_ = false;
  std::uint64_t successes_ = 0;
  std::chrono::milliseconds pause_ = kFirstPause;
  std::chrono::steady_clock::time_point next_probe_{};
  Signal changed_;
};

}  // namespace bongsu::delivery
