#pragma once
#include "report.hpp"

#include <bongsu/core/asio.hpp>

#include <chrono>
#include <string>

namespace bongsu::ctl {

struct ImportOptions {
  std::string gateway;  ///< its URL
  std::string token;
  std::string file;                                              ///< "-": standard input
  bool strict = false;                                           ///< a line that is wrong: nothing is stored
  std::chrono::milliseconds timeout = std::chrono::seconds{30};  ///< of a call
};

/// Brings a file's members to the gateway, 1,000 at a time, in the order of the file. What is wrong is told
/// with its line and left out; with `strict` the gateway judges the whole file before it stores anything.
/// While the gateway is away it tries again for a minute; a file that is sent twice changes nothing.
///
/// Errors: kNotFound (no such file), kInvalidArgument (its header; with `strict` any line), kUnauthorized,
///   kUnavailable.
asio::awaitable<Result<Report>> import_members(ImportOptions options);

}  // namespace bongsu::ctl
