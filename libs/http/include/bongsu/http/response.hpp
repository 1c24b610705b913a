#pragma once
#include <bongsu/core/headers.hpp>
#include <bongsu/http/language.hpp>

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace bongsu::http {

struct Response {
  int status = 200;
  std::string content_type;  ///< none is sent without a body
  std::string body;
  /// Besides Content-Type, Content-Length, Connection and Date, which the server writes.
  Headers headers;
  /// No answer at all: the connection is cut. For servers that play a broken one.
  bool cut = false;
};

Response text(int status, std::string body);

/// {"success":true,"message":…,"data":…}; `data` is JSON.
Response success(int status, std::string_view message, std::string_view data);
Response success(int status, std::string_view message, const boost::json::object& data);

}  // namespace bongsu::http
