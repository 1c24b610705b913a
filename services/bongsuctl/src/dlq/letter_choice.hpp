#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>

#include <string>
#include <string_view>
#include <vector>

namespace bongsu::ctl {

inline constexpr std::string_view kLetterPrefix = "deadLetters/";
inline constexpr std::string_view kReplayPrefix = "replays/";

/// Which letters a command is about, as the command line says: by id, or all that every option agrees with.
struct LetterChoice {
  std::vector<std::string> ids;  ///< with or without "deadLetters/" in front
  std::vector<std::string> channels;
  std::vector<std::string> reasons;
  std::vector<std::string> provider_codes;
  std::vector<std::string> states;
  std::string job;           ///< with or without "jobs/"
  std::string from;          ///< RFC 3339, or so long ago: 2h
  std::string to;            ///< the same
  std::string recipient;     ///< in full
  std::string replay;        ///< with or without "replays/"
  std::string notification;  ///< an id
  int min_replay_count = 0;
  bool all = false;

  bool has_filter() const;
};

/// Errors: kInvalidArgument: a time or a state that is none. What deadletters can judge is left to it. Pure.
Result<deadletters::v1::Filter> filter_of(const LetterChoice& choice, Timestamp now);

/// "deadLetters/{id}" of either form, and so for the others.
std::string letter_name(std::string_view id);
std::string replay_name(std::string_view id);
std::string without_prefix(std::string_view prefix, std::string_view name);

}  // namespace bongsu::ctl
