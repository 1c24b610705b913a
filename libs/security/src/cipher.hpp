#pragma once
#include <bongsu/security/key.hpp>

#include <initializer_list>
#include <memory>
#include <optional>

#include <openssl/evp.h>

namespace bongsu::security {

/// AES-256-GCM (NIST SP 800-38D). Threads: one at a time; the contexts are used again and again.
class Cipher {
 public:
  static constexpr std::size_t kNonce = 12;
  static constexpr std::size_t kTag = 16;
  /// Authenticated together with the text, one after the other.
  using Associated = std::initializer_list<std::string_view>;

  Cipher();
  /// Appends ciphertext and tag to `out`, which `associated` may point into when it has room enough.
  void seal(const Key& key, std::string_view text, Associated associated,
            std::span<const unsigned char, kNonce> nonce, std::string& out) const;
  /// `sealed` is nonce, ciphertext, tag. Nothing when it does not authenticate.
  std::optional<std::string> open(const Key& key, std::string_view sealed, Associated associated) const;

 private:
  using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
  Context sealing_;
  Context opening_;
};

}  // namespace bongsu::security
