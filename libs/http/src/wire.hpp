#pragma once
#include <bongsu/http/response.hpp>

#include <ctime>

namespace bongsu::http {

/// The Date header's value, made once a second.
class HttpDate {
 public:
  std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

/// How a response goes out on a connection.
struct Framing {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool without_body = false;  ///< an answer to HEAD: only says how long the body would be
};

/// Appends a header's line. A value can hold what a client sent: no line of its own may come of it.
void append_header(std::string& out, std::string_view name, std::string_view value);

/// Appends the response as bytes (RFC 9112).
void write_response(std::string& out, const Response& response, Framing framing, std::string_view date);

}  // namespace bongsu::http
