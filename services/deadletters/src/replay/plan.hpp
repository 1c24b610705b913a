#pragma once
#include "letter.hpp"
#include "replay.hpp"

#include <functional>
#include <map>

namespace bongsu::deadletters {

/// What an operator should know before a plan is executed. The texts say what to do.
std::string_view message_of(std::string_view warning_code);

/// Goes over the letters that are asked for, tells which are taken into the plan, and counts. Pure.
class PlanCount {
 public:
  /// Whether a job was cancelled, as far as is known.
  using IsCancelled = std::function<bool(const Uuid& job)>;

  /// A letter whose id is of before `oldest` would die as `expired`.
  PlanCount(Timestamp oldest, IsCancelled is_cancelled)
      : oldest_(oldest), is_cancelled_(std::move(is_cancelled)) {}

  /// Whether the letter is in the plan: OPEN, and of a channel.
  bool add(const LetterRow& row);

  /// The greatest first.
  std::vector<ReasonCount> reasons() const;
  std::vector<Warning> warnings() const;
  std::int64_t total() const { return total_; }

 private:
  Timestamp oldest_;
  IsCancelled is_cancelled_;
  std::int64_t total_ = 0;
  std::map<std::string, std::int64_t> reasons_;
  std::map<std::string, std::int64_t, std::less<>> warnings_;
};

}  // namespace bongsu::deadletters
