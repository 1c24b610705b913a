#include "hmac.hpp"

#include <bongsu/core/assert.hpp>

#include <openssl/core_names.h>

namespace bongsu::security {
namespace {

EVP_MAC* algorithm() {
  static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);  // lives as long as the process
  require(fetched != nullptr, "OpenSSL has HMAC");
  return fetched;
}

}  // namespace

Hmac::Hmac(std::span<const unsigned char> key) : context_(EVP_MAC_CTX_new(algorithm()), &EVP_MAC_CTX_free) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  require(context_ && EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1,
          "HMAC takes a key");
}

Sha256 Hmac::of(std::initializer_list<std::string_view> parts) const {
  // No key given: starts again with the one that is scheduled.
  bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1;
  for (const auto part : parts) {
    done = done && EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(part.data()),
                                  part.size()) == 1;
  }
  Sha256 digest{};
  std::size_t size = 0;
  done = done && EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) == 1;
  require(done && size == digest.size(), "HMAC computes");
  return digest;
}

}  // namespace bongsu::security
