#pragma once
#include <bongsu/core/bytes.hpp>
#include <bongsu/security/key.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace bongsu::security {

class Hmac;

/// A fingerprint by which private text can be compared and looked up, and not guessed without the key.
///
/// HMAC-SHA256 over purpose, a zero byte, text: the same text has unrelated fingerprints for different
/// purposes. The key's file holds 32 bytes in base64. Changing the key forgets every fingerprint.
/// Threads: the io_context's one thread.
class KeyedHash {
 public:
  /// Errors: kNotFound, kUnavailable (the file), kInvalidArgument.
  static Result<KeyedHash> load(const std::string& path);
  explicit KeyedHash(const Key& key);
  KeyedHash(KeyedHash&&) noexcept;
  KeyedHash& operator=(KeyedHash&&) noexcept;
  ~KeyedHash();

  /// `purpose` is a constant of ours and holds no zero byte.
  Sha256 of(std::string_view purpose, std::string_view text) const;

 private:
  std::unique_ptr<Hmac> hmac_;
};

}  // namespace bongsu::security
