#include "wire.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/http/client.hpp>

#include <charconv>
#include <ctime>

#include <boost/beast/core/string.hpp>

namespace bongsu::http {
namespace {

/// RFC 9110, 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT. The two older forms are not made by anyone any more.
std::optional<std::time_t> time_of(const std::string& text) {
  std::tm utc{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&utc);
}

}  // namespace

ClientRequest& ClientRequest::header(std::string_view name, std::string_view value) {
  append_header(header_lines_, name, value);
  return *this;
}

ClientRequest& ClientRequest::body(std::string_view content_type, std::string text) {
  append_header(header_lines_, "Content-Type", content_type);
  body_ = std::move(text);
  return *this;
}

std::string basic_auth(std::string_view username, std::string_view password) {
  return "Basic " + to_base64(std::string{username}.append(":").append(password));
}

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  const std::string_view text{header_text};
  for (std::size_t at = 0; at < text.size();) {
    const auto name_end = text.find('\0', at);
    const auto value_end = text.find('\0', name_end + 1);
    const auto found = text.substr(at, name_end - at);
    if (boost::beast::iequals({found.data(), found.size()}, {name.data(), name.size()}))
      return text.substr(name_end + 1, value_end - name_end - 1);
    at = value_end + 1;
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> ClientResponse::retry_after() const {
  constexpr auto kLongest = std::chrono::seconds{std::chrono::days{365}}.count();
  const auto value = header("retry-after");
  if (!value || value->empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error == std::errc::result_out_of_range) {
    seconds = kLongest;
  } else if (error != std::errc{} || end != value->data() + value->size()) {
    const auto until = time_of(std::string{*value});
    if (!until) return std::nullopt;
    const auto now = time_of(std::string{header("date").value_or("")});
    seconds = *until - now.value_or(std::time(nullptr));
  }
  return std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, kLongest)};
}

}  // namespace bongsu::http
