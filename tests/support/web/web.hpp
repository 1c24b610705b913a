#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace bongsu::support {

/// What a server answered.
struct Answer {
  int status = 0;  ///< 0: no answer
  std::string body;
  std::string headers;
  double seconds = 0;

  /// The body as JSON; null when it is none.
  boost::json::value json() const;
  /// A header's value, empty when it is missing.
  std::string header(std::string_view name) const;
};

/// Blocking HTTP for tests, one connection a call. Never throws: no answer is status 0.
Answer http_get(const std::string& url, const std::vector<std::string>& headers = {});
/// Any method, with a body unless that is empty.
Answer http_send(const std::string& method, const std::string& url, std::string_view body = "",
                 const std::vector<std::string>& headers = {});
Answer http_post(const std::string& url, std::string_view body, const std::vector<std::string>& headers = {});

}  // namespace bongsu::support
