#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace bongsu::gateway {

/// What the server answered; status 0: nothing.
struct Answer {
  int status = 0;
  std::string headers;  ///< in lower case
  boost::json::value body;
  std::chrono::milliseconds took{};

  bool has_header(std::string_view line) const { return headers.find(line) != std::string::npos; }
  std::string code() const;
  /// The code of a field's error; empty: there is none.
  std::string error_of(std::string_view field) const;
  const boost::json::value& data() const;
};

/// One request on a connection of its own, as plain text over a blocking socket: also what no decent
/// client would send.
Answer ask(int port, std::string_view method, std::string_view path, std::string_view body,
           const std::vector<std::string>& headers);

}  // namespace bongsu::gateway
