#include "progress_bar.hpp"

#include <algorithm>
#include <cmath>

#include <unistd.h>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWidth = 30;
constexpr auto kEvery = 100ms;
constexpr std::string_view kClearLine = "\r\x1B[K";

}  // namespace

std::string bar_line(const Step& step, std::size_t width) {
  const auto done = std::clamp(step.done, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(std::floor(done * static_cast<double>(width)));
  // Never 100 % before it is.
  const auto percent = std::to_string(static_cast<int>(std::floor(done * 100)));
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "] " +
         std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') + percent + " % " + step.text;
}

std::string grouped(std::int64_t number) {
  auto text = std::to_string(number);
  const std::size_t begin = number < 0 ? 1 : 0;
  for (auto at = text.size(); at > begin + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string spoken(std::chrono::seconds duration) {
  if (duration < 1min) return std::to_string(duration.count()) + " s";
  if (duration < 1h) {
    return std::to_string(duration / 1min) + " min " + std::to_string((duration % 1min).count()) + " s";
  }
  return std::to_string(duration / 1h) + " h " + std::to_string(duration % 1h / 1min) + " min";
}

void ProgressBar::draw(const Step& step) {
  last_line_ = bar_line(step, kWidth);
  if (terminal_) {
    out_ << kClearLine << last_line_ << std::flush;
    drawn_ = true;
  } else {
    out_ << last_line_ << '\n';
  }
}

void ProgressBar::show(const Step& step) {
  const auto now = std::chrono::steady_clock::now();
  const auto tenth = static_cast<int>(step.done * 10);
  const bool due = terminal_ ? now - last_ >= kEvery : tenth > last_tenth_;
  if (!due) return;
  last_ = now;
  last_tenth_ = tenth;
  draw(step);
}

void ProgressBar::say(std::string_view line) {
  if (drawn_) out_ << kClearLine;
  out_ << line << '\n';
  drawn_ = false;
}

void ProgressBar::end(const Step& step) {
  if (terminal_ || bar_line(step, kWidth) != last_line_) draw(step);
  if (drawn_) out_ << '\n';
  drawn_ = false;
}

bool on_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace bongsu::ctl
