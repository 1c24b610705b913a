#pragma once
#include <bongsu/core/bytes.hpp>

#include <initializer_list>
#include <memory>
#include <span>

#include <openssl/evp.h>

namespace bongsu::security {

/// HMAC-SHA256 (RFC 2104) whose key is scheduled once.
class Hmac {
 public:
  explicit Hmac(std::span<const unsigned char> key);
  /// Over the parts one after the other.
  Sha256 of(std::initializer_list<std::string_view> parts) const;

 private:
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context_;
};

}  // namespace bongsu::security
