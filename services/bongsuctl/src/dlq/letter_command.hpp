#pragma once
#include "dlq/letter_choice.hpp"
#include "service_call.hpp"

#include <string>

/// Looking at dead letters, and putting them away.
namespace bongsu::ctl {

struct LetterPage {
  int limit = 50;
  std::string token;  ///< where an earlier list ended
};
/// The youngest first. Where there are more, the command that goes on is told on standard error.
asio::awaitable<Result<Report>> list_letters(ServiceOptions options, LetterChoice choice, LetterPage page);

struct LetterView {
  bool reveal = false;  ///< private data in full, where the caller's role allows it
  bool bytes = false;   ///< the record's bytes as well
};
asio::awaitable<Result<Report>> show_letter(ServiceOptions options, std::string id, LetterView view);

asio::awaitable<Result<Report>> summarize_letters(ServiceOptions options, LetterChoice choice);

/// Tells how many, asks, and discards. Errors: kRejected: nobody could be asked, or the answer was no.
asio::awaitable<Result<Report>> discard_letters(ServiceOptions options, LetterChoice choice,
                                                std::string reason);

}  // namespace bongsu::ctl
