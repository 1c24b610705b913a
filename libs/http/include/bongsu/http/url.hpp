#pragma once
#include <bongsu/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::http {

/// Where a request goes: http:// or https://, host, port and path. Parsed once, kept for all calls.
class Url {
 public:
  /// Errors: kInvalidArgument: another scheme, no host, credentials, a query or a fragment in it.
  static Result<Url> parse(std::string_view text);

  /// The same place with `path` added: base / "health". Neither side needs to care for the slash.
  Url operator/(std::string_view path) const;

  bool is_secure() const { return secure_; }
  /// A name or an address; v6 without brackets.
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// Begins with a slash, percent-encoded.
  const std::string& path() const { return path_; }
  /// What the header Host says.
  const std::string& authority() const { return authority_; }
  bool has_same_origin(const Url& other) const {
    return port_ == other.port_ && secure_ == other.secure_ && host_ == other.host_;
  }

 private:
  bool secure_ = false;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string path_ = "/";
  std::string authority_;
};

}  // namespace bongsu::http
