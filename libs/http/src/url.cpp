#include <bongsu/http/url.hpp>

#include <charconv>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace bongsu::http {
namespace {

/// Nothing for what is no port; Boost.URL bounds digits, not the number.
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::core::string_view{text.data(), text.size()});
  const bool known = parsed && (parsed->scheme_id() == boost::urls::scheme::http ||
                                parsed->scheme_id() == boost::urls::scheme::https);
  if (!known || parsed->host().empty() || parsed->has_userinfo() || parsed->has_query() ||
      parsed->has_fragment() || (parsed->has_port() && !port_of(std::string_view{parsed->port()}))) {
    return fail(ErrorCode::kInvalidArgument, "http: not of the form http[s]://host[:port][/path]");
  }
  Url url;
  url.secure_ = parsed->scheme_id() == boost::urls::scheme::https;
  const std::uint16_t usual_port = url.secure_ ? 443 : 80;
  url.host_ = parsed->host_address();
  url.port_ = parsed->has_port() ? *port_of(std::string_view{parsed->port()}) : usual_port;
  url.authority_ = parsed->encoded_host();
  if (url.port_ != usual_port) url.authority_ += ":" + std::to_string(url.port_);
  if (!parsed->encoded_path().empty()) url.path_ = parsed->encoded_path();
  return url;
}

Url Url::operator/(std::string_view path) const {
  Url longer = *this;
  if (!longer.path_.ends_with('/')) longer.path_ += '/';
  longer.path_ += path.starts_with('/') ? path.substr(1) : path;
  return longer;
}

}  // namespace bongsu::http
