#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/headers.hpp>
#include <bongsu/core/time.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace bongsu::events {

/// How far a notification has come, as its record's headers tell.
struct Progress {
  std::uint32_t generation = 0;  ///< how often it was replayed
  std::uint32_t attempt = 1;     ///< the attempt this record is for
  std::uint32_t round = 0;       ///< how often it was held within the attempt
  std::optional<Timestamp> due_at;
  std::optional<Timestamp> first_failed_at;

  friend bool operator==(const Progress&, const Progress&) = default;
};

/// Orders records of one notification: generation, then attempt, then round.
inline std::strong_ordering compare(const Progress& a, const Progress& b) {
  if (const auto order = a.generation <=> b.generation; order != 0) return order;
  if (const auto order = a.attempt <=> b.attempt; order != 0) return order;
  return a.round <=> b.round;
}

void write(Headers& headers, const Progress& progress);
/// A header that is missing has its default. Not for topics that upstream may write.
/// Errors: kInvalidArgument, detail `undecodable`, naming the header; attempt 0 is one.
Result<Progress> read_progress(const Headers& headers);

/// Why a record died, and where it was last read.
struct Death {
  std::string reason;         ///< of reasons.hpp
  std::string provider_code;  ///< empty: none
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
  std::string group;
  std::uint32_t tries = 0;  ///< provider calls in all
  std::string message;      ///< our text, never the provider's

  friend bool operator==(const Death&, const Death&) = default;
};

void write(Headers& headers, const Death& death);
/// Errors: kInvalidArgument, detail `undecodable`, naming the header that is missing or malformed.
Result<Death> read_death(const Headers& headers);

}  // namespace bongsu::events
