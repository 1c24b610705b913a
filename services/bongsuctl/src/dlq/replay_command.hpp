#pragma once
#include "dlq/letter_choice.hpp"
#include "service_call.hpp"

#include <bongsu/core/private.hpp>

#include <string>
#include <vector>

/// Sending dead letters again.
namespace bongsu::ctl {

/// How a plan is executed.
struct ReplayOrder {
  double rate = 100;          ///< letters a second
  int canary = 0;             ///< so many first; 0: none
  double min_success = 0.95;  ///< of the canary, at least this share
  std::string digest;         ///< what the plan's must be; empty: the one that is shown
  bool watch = true;          ///< stay until it has ended
  /// "ADDRESS" for the one letter that is named, or "LETTER=ADDRESS".
  std::vector<std::string> recipients;
};

/// Freezes the letters and says what would happen, the digest, and the command that does it. Sends nothing.
asio::awaitable<Result<Report>> plan_replay(ServiceOptions options, LetterChoice choice);

/// From a plan ("replays/…" is the choice's one id) or from letters, which are planned first: shows what will
/// be sent, asks, executes, and draws a bar until it has ended. Not fine unless every letter was delivered.
/// Errors: kRejected: nobody could be asked, or the answer was no; the plan stays.
asio::awaitable<Result<Report>> run_replay(ServiceOptions options, LetterChoice choice, ReplayOrder order);

/// `name` with or without "replays/" in front, here and below.
asio::awaitable<Result<Report>> watch_replay(ServiceOptions options, std::string name);
asio::awaitable<Result<Report>> cancel_replay(ServiceOptions options, std::string name);
asio::awaitable<Result<Report>> list_replays(ServiceOptions options, std::vector<std::string> states,
                                             int limit);

/// A letter that goes to somebody else.
struct NewRecipient {
  std::string letter;  ///< its name
  Recipient recipient;
};
/// What `recipients` says of `letters`; without letters, of those of a plan. Errors: kInvalidArgument: it
/// does not say which letter. Pure.
Result<std::vector<NewRecipient>> repairs_of(const std::vector<std::string>& recipients,
                                             const std::vector<std::string>& letters);

}  // namespace bongsu::ctl
