#pragma once
#include "environment.hpp"
#include "report.hpp"

#include <bongsu/core/asio.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace bongsu::ctl {

/// What the command line asks for.
struct Invocation {
  std::function<asio::awaitable<Result<Report>>()> command;
  Format format = Format::kTable;
  /// `token create` prints the bare token, and `version` the bare number, unless JSON was asked for.
  bool bare = false;
  bool yes = false;                                  ///< do not ask
  std::optional<std::chrono::milliseconds> timeout;  ///< of a call, instead of the command's own
};

/// Reads the command line; what it does not name is looked up in `environment`. Nothing: help was asked
/// for and printed, or something is wrong and was said on standard error; `exit_code` tells which.
std::unique_ptr<Invocation> parse_command_line(int argc, const char* const* argv,
                                               const Environment& environment, int& exit_code);

}  // namespace bongsu::ctl
