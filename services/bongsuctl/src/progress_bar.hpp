#pragma once
#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace bongsu::ctl {

/// How far something has come.
struct Step {
  double done = 0;   ///< 0…1
  std::string text;  ///< what stands behind the bar
};

/// "[#########---------------]  37 % 3,700 of 10,000". Pure.
std::string bar_line(const Step& step, std::size_t width);

/// 1234567 is "1,234,567". Pure.
std::string grouped(std::int64_t number);
/// As people say it: "3 s", "2 min 5 s", "1 h 4 min". Pure.
std::string spoken(std::chrono::seconds duration);

/// A line that is drawn over itself on a terminal, ten times a second at most; elsewhere a plain line when
/// another tenth is done. What is told goes to `out`, which should not be where the answer goes.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  void show(const Step& step);
  /// A line of its own, above the bar.
  void say(std::string_view line);
  /// Draws the last state for good, unless it stands there already.
  void end(const Step& step);

 private:
  void draw(const Step& step);

  std::ostream& out_;
  bool terminal_;
  bool drawn_ = false;
  std::string last_line_;
  int last_tenth_ = -1;
  std::chrono::steady_clock::time_point last_{};
};

/// Whether standard error is a terminal.
bool on_terminal();

}  // namespace bongsu::ctl
